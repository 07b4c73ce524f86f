/*
 * Builds a filter with libseccomp from lines on stdin and writes its BPF to stdout, as runc would ask libseccomp for it.
 *   default ACTION | arch NAME | rule ACTION NAME [INDEX OP A B]...
 * With the argument `numbers`: prints "arch name number" for each name on stdin instead.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const archs[] = { "x86_64", "x86", "x32", "aarch64", "arm" };

static int fail(const char *what, int rc)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-rc));
	return 1;
}

static enum scmp_compare op_of(const char *text)
{
	static const char *const ops[] = { "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ" };
	for (unsigned i = 0; i < 7; i++)
		if (strcmp(ops[i], text) == 0)
			return (enum scmp_compare)(SCMP_CMP_NE + i);
	return _SCMP_CMP_MIN;
}

static int print_numbers(void)
{
	char name[128];
	while (scanf("%127s", name) == 1)
		for (unsigned i = 0; i < sizeof(archs) / sizeof(*archs); i++)
			printf("%s %s %d\n", archs[i], name,
			       seccomp_syscall_resolve_name_arch(seccomp_arch_resolve_name(archs[i]), name));
	return 0;
}

int main(int argc, char **argv)
{
	static char line[4096];
	scmp_filter_ctx ctx = NULL;
	uint32_t default_action = 0;
	int rc;

	if (argc > 1 && strcmp(argv[1], "numbers") == 0)
		return print_numbers();
	while (fgets(line, sizeof(line), stdin)) {
		char *word = strtok(line, " \n");
		if (word == NULL)
			continue;
		if (strcmp(word, "default") == 0) {
			default_action = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
			ctx = seccomp_init(default_action);
		} else if (strcmp(word, "arch") == 0) {
			rc = seccomp_arch_add(ctx, seccomp_arch_resolve_name(strtok(NULL, " \n")));
			if (rc != 0 && rc != -EEXIST)
				return fail("arch", rc);
		} else {
			struct scmp_arg_cmp args[6];
			unsigned count = 0;
			uint32_t action = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
			char *name = strtok(NULL, " \n");
			int number = seccomp_syscall_resolve_name(name);
			if (number == __NR_SCMP_ERROR || action == default_action)
				continue;
			while ((word = strtok(NULL, " \n")) != NULL) {
				args[count].arg = (unsigned)atoi(word);
				args[count].op = op_of(strtok(NULL, " \n"));
				args[count].datum_a = strtoull(strtok(NULL, " \n"), NULL, 0);
				args[count++].datum_b = strtoull(strtok(NULL, " \n"), NULL, 0);
			}
			rc = seccomp_rule_add_array(ctx, action, number, count, args);
			if (rc != 0)
				return fail(name, rc);
		}
	}
	rc = seccomp_export_bpf(ctx, STDOUT_FILENO);
	return rc == 0 ? 0 : fail("export", rc);
}
