/* Checks the whole plan before the first step: afterwards no offset, length or string needs a second look. */
#include "plan.h"

#include <stdlib.h>
#include <sys/mman.h>

#define MAX_PLAN_SIZE (16u << 20)

static bool str_ok(const struct plan *plan, uint64_t offset)
{
	uint32_t size = plan->header->data_size;

	return offset < size && memchr(plan->data + offset, 0, size - offset);
}

static bool bytes_ok(const struct plan *plan, uint64_t arg)
{
	uint64_t offset = arg >> 32, length = (uint32_t)arg;

	return offset + length <= plan->header->data_size;
}

static bool strs_ok(const struct plan *plan, uint64_t offset)
{
	uint32_t size = plan->header->data_size, count, item;

	if (offset % sizeof(uint32_t) || offset + sizeof(count) > size)
		return false;
	memcpy(&count, plan->data + offset, sizeof(count));
	if (count > (size - offset - sizeof(count)) / sizeof(item))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&item, plan->data + offset + (i + 1) * sizeof(item), sizeof(item));
		if (!str_ok(plan, item))
			return false;
	}
	return true;
}

static bool step_ok(const struct plan *plan, const struct step *step)
{
	const char *kinds;

	if (step->op == 0 || step->op > OP_COUNT || step->zero || step->zero2)
		return false;
	kinds = op_args[step->op];
	for (size_t i = 0; i < MAX_ARGS; i++) {
		char kind = *kinds ? *kinds++ : 0;
		uint64_t arg = step->arg[i];

		if ((kind == 0 && arg != 0) || (kind == 's' && !str_ok(plan, arg)) || (kind == 'b' && !bytes_ok(plan, arg)) ||
		    (kind == 'v' && !strs_ok(plan, arg)))
			return false;
	}
	return true;
}

int plan_check(struct plan *plan, const void *buffer, size_t size)
{
	const struct plan_header *header = buffer;
	uint64_t offset = sizeof(*header);

	if (size < sizeof(*header) || size > MAX_PLAN_SIZE || memcmp(header->magic, PLAN_MAGIC, 4) ||
	    header->version != PLAN_VERSION || header->size != size)
		return EBADMSG;
	for (size_t i = 0; i < sizeof(header->zero) / sizeof(header->zero[0]); i++)
		if (header->zero[i])
			return EBADMSG;
	plan->header = header;
	for (int list = 0; list < LIST_COUNT; list++) {
		plan->steps[list] = (const struct step *)((const char *)buffer + offset);
		offset += (uint64_t)header->count[list] * sizeof(struct step);
	}
	if (offset != header->data_offset || offset + header->data_size > size ||
	    (uint64_t)header->notes_offset + header->notes_size > size)
		return EBADMSG;
	plan->data = (const char *)buffer + offset;
	if ((header->reporter && !strs_ok(plan, header->reporter)) || (header->successor && !strs_ok(plan, header->successor)))
		return EBADMSG;
	for (int list = 0; list < LIST_COUNT; list++)
		for (uint32_t i = 0; i < header->count[list]; i++)
			if (!step_ok(plan, &plan->steps[list][i]))
				return EBADMSG;
	return 0;
}

int plan_map(struct plan *plan, int fd)
{
	struct stat st;
	void *buffer;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK))
		return EPERM;
	if (fstat(fd, &st))
		return errno;
	if (st.st_size < (off_t)sizeof(struct plan_header) || st.st_size > MAX_PLAN_SIZE)
		return EBADMSG;
	buffer = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (buffer == MAP_FAILED)
		return errno;
	return plan_check(plan, buffer, (size_t)st.st_size);
}

const char *plan_str(const struct plan *plan, uint64_t arg)
{
	return plan->data + arg;
}

struct bytes plan_bytes(const struct plan *plan, uint64_t arg)
{
	return (struct bytes){ plan->data + (arg >> 32), (uint32_t)arg };
}

char **plan_strs(const struct plan *plan, uint64_t arg)
{
	uint32_t count, item;
	char **strs;

	memcpy(&count, plan->data + arg, sizeof(count));
	strs = calloc((size_t)count + 1, sizeof(*strs));
	if (!strs)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&item, plan->data + arg + (i + 1) * sizeof(item), sizeof(item));
		strs[i] = (char *)plan->data + item;
	}
	return strs;
}
