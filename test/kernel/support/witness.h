/* JSON on stdout, one document per line. A value follows `key` or stands in an array; commas are placed here. */
#ifndef TSRUN_WITNESS_H
#define TSRUN_WITNESS_H

void json_open(char bracket);
void json_close(char bracket);
void json_key(const char *name);
void json_int(long long value);
void json_text(const char *text);
void json_null(void);
void json_end(void);

/* Whole file into a static buffer of 256 KiB, NUL-terminated; NULL with errno when it cannot be read. */
char *read_file(const char *path);

/* Runs one action of the command line, prints its document, and returns how many arguments it took; 0 for an unknown one. */
int run_action(int count, char **words);

#endif
