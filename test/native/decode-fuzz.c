/*
 * Mutates a valid plan and gives it to the decoder, as often as told. Whatever the decoder accepts is then read completely.
 * Built with AddressSanitizer and UndefinedBehaviorSanitizer: a read outside the plan ends the program.
 *
 *   decode-fuzz <plan> <iterations> <seed>      prints how many were accepted
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../native/plan.h"

static uint64_t state;

static uint32_t random_below(uint32_t bound)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return bound ? (uint32_t)(state % bound) : 0;
}

static size_t consume_strs(const struct plan *plan, uint64_t arg)
{
	char **strs = plan_strs(plan, arg);
	size_t sum = 0;

	for (char **each = strs; strs && *each; each++)
		sum += strlen(*each);
	free(strs);
	return sum;
}

static size_t consume(const struct plan *plan)
{
	size_t sum = 0;

	for (int list = 0; list < LIST_COUNT; list++)
		for (uint32_t i = 0; i < plan->header->count[list]; i++) {
			const struct step *step = &plan->steps[list][i];
			const char *kinds = op_args[step->op];

			for (size_t arg = 0; kinds[arg]; arg++)
				switch (kinds[arg]) {
				case 's':
					sum += strlen(plan_str(plan, step->arg[arg]));
					break;
				case 'b': {
					struct bytes bytes = plan_bytes(plan, step->arg[arg]);

					for (size_t at = 0; at < bytes.size; at++)
						sum += ((const unsigned char *)bytes.data)[at];
					break;
				}
				case 'v':
					sum += consume_strs(plan, step->arg[arg]);
					break;
				}
		}
	sum += plan->header->successor ? consume_strs(plan, plan->header->successor) : 0;
	return sum + (plan->header->reporter ? consume_strs(plan, plan->header->reporter) : 0);
}

static void mutate(unsigned char *bytes, size_t size)
{
	static const uint32_t extremes[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 64, 63, 65 };

	for (uint32_t count = 1 + random_below(4); count > 0; count--) {
		/* Half of the mutations hit the header and the first steps, where offsets and counts are. */
		size_t range = random_below(2) ? size : (size < 640 ? size : 640), at = random_below((uint32_t)range);

		if (random_below(2) || at + 4 > size)
			bytes[at] = (unsigned char)random_below(256);
		else
			memcpy(bytes + at, &extremes[random_below(8)], 4);
	}
}

int main(int argc, char **argv)
{
	FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
	static unsigned char valid[1 << 20];
	size_t size = file ? fread(valid, 1, sizeof(valid), file) : 0, accepted = 0, sum = 0;
	struct plan plan;

	if (!file || plan_check(&plan, valid, size))
		return 2;
	sum += consume(&plan);
	state = strtoull(argv[3], NULL, 10) | 1;
	for (unsigned long i = strtoul(argv[2], NULL, 10); i > 0; i--) {
		/* The exact size on the heap, so that one byte too far is seen. Sometimes cut short, with the header saying so. */
		uint32_t length = (uint32_t)(random_below(8) ? size : random_below((uint32_t)size));
		unsigned char *bytes = malloc(length ? length : 1);

		memcpy(bytes, valid, length);
		if (length >= 12 && random_below(2))
			memcpy(bytes + 8, &length, 4);
		if (length)
			mutate(bytes, length);
		if (!plan_check(&plan, bytes, length)) {
			accepted++;
			sum += consume(&plan);
		}
		free(bytes);
	}
	printf("%zu %zu\n", accepted, sum);
	return 0;
}
