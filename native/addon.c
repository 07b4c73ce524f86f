/*
 * tsrun.node: any system call, for what Node lacks. src/native gives the calls names, checks their arguments and makes the
 * errors; here a call is a number and at most six words. Both functions act on the calling thread and return what the call
 * returned, or -errno; undefined where an argument is no word.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_WORDS 7 /* the number of a call, and its arguments */
#define MEMORY_SIZE 8192
#define STACK_SIZE 16384 /* of a child, which does nothing but calls */

/* Where strings and arrays live during one call: here, and what is too long in an ArrayBuffer that the call keeps alive. */
struct memory {
	size_t used;
	_Alignas(long) char bytes[MEMORY_SIZE];
};

static void *take(napi_env env, struct memory *memory, size_t size)
{
	void *place = memory->bytes + memory->used;
	napi_value buffer;

	if (size > MEMORY_SIZE - memory->used)
		return napi_create_arraybuffer(env, size, &place, &buffer) == napi_ok ? place : NULL;
	memory->used += (size + sizeof(long) - 1) & ~(sizeof(long) - 1);
	return place;
}

static bool get_word(napi_env env, napi_value value, struct memory *memory, long *word);

/* The address of a copy that ends with NUL. */
static bool get_string(napi_env env, napi_value value, struct memory *memory, long *word)
{
	size_t length;
	char *copy;

	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
		return false;
	copy = take(env, memory, length + 1);
	*word = (long)copy;
	return copy && napi_get_value_string_utf8(env, value, copy, length + 1, &length) == napi_ok && !memchr(copy, 0, length);
}

/* The address of the words, and of zeros up to what a call may have. */
static bool get_array(napi_env env, napi_value value, struct memory *memory, uint32_t count, long *word)
{
	size_t size = (count < MAX_WORDS ? MAX_WORDS : count + (size_t)1) * sizeof(long);
	long *words = take(env, memory, size);
	napi_value element;

	if (!words)
		return false;
	memset(words, 0, size);
	for (uint32_t i = 0; i < count; i++)
		if (napi_get_element(env, value, i, &element) != napi_ok || !get_word(env, element, memory, &words[i]))
			return false;
	*word = (long)words;
	return true;
}

/* An integer, undefined for 0, a string, an array of words; of a typed array, the address of its bytes themselves. */
static bool get_word(napi_env env, napi_value value, struct memory *memory, long *word)
{
	napi_valuetype type;
	bool is_bytes = false;
	uint32_t count;
	double number;
	void *bytes;

	*word = 0;
	if (napi_typeof(env, value, &type) != napi_ok || type == napi_undefined)
		return type == napi_undefined;
	if (type == napi_string)
		return get_string(env, value, memory, word);
	if (type == napi_number) {
		if (napi_get_value_double(env, value, &number) != napi_ok || number != trunc(number) || fabs(number) > 0x1p53)
			return false;
		*word = (long)number;
		return true;
	}
	if (napi_get_array_length(env, value, &count) == napi_ok)
		return get_array(env, value, memory, count, word);
	if (napi_is_buffer(env, value, &is_bytes) != napi_ok || !is_bytes || napi_get_buffer_info(env, value, &bytes, NULL) != napi_ok)
		return false;
	*word = (long)bytes;
	return true;
}

static bool get_words(napi_env env, napi_callback_info info, struct memory *memory, long *words)
{
	napi_value values[MAX_WORDS];
	size_t count = MAX_WORDS;

	memory->used = 0;
	memset(words, 0, MAX_WORDS * sizeof(long));
	if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != napi_ok)
		return false;
	for (size_t i = 0; i < count && i < MAX_WORDS; i++)
		if (!get_word(env, values[i], memory, &words[i]))
			return false;
	return true;
}

static napi_value result_of(napi_env env, long result)
{
	napi_value value = NULL;

	napi_create_int64(env, result < 0 ? -errno : result, &value);
	return value;
}

static long call(const long *words)
{
	return syscall(words[0], words[1], words[2], words[3], words[4], words[5], words[6]);
}

/* syscall(number, ...arguments) */
static napi_value system_call(napi_env env, napi_callback_info info)
{
	struct memory memory;
	long words[MAX_WORDS];

	return get_words(env, info, &memory, words) ? result_of(env, call(words)) : NULL;
}

struct child {
	long *const *calls;
	int report;
};

/* In the new process. The last call is execve; of the one that fails, `report` gets index and errno. */
static int make_calls(void *argument)
{
	const struct child *child = argument;
	int failure[2] = { 0, 0 };

	while (child->calls[failure[0]] && call(child->calls[failure[0]]) >= 0)
		failure[0]++;
	failure[1] = errno;
	_exit(write(child->report, failure, sizeof(failure)) == sizeof(failure) ? 127 : 126);
}

/* clone(flags, calls of the child, report); with CLONE_VM, too, since CLONE_VFORK lets nobody return before the child is done with it */
static napi_value clone_calling(napi_env env, napi_callback_info info)
{
	_Alignas(16) char stack[STACK_SIZE];
	struct memory memory;
	struct child child;
	long words[MAX_WORDS];

	if (!get_words(env, info, &memory, words))
		return NULL;
	child = (struct child){ .calls = (long **)words[1], .report = (int)words[2] };
	return result_of(env, clone(make_calls, stack + STACK_SIZE, (int)words[0] | SIGCHLD, &child));
}

NAPI_MODULE_INIT()
{
	static const napi_property_descriptor functions[] = {
		{ .utf8name = "syscall", .method = system_call, .attributes = napi_default_jsproperty },
		{ .utf8name = "clone", .method = clone_calling, .attributes = napi_default_jsproperty },
	};

	return napi_define_properties(env, exports, 2, functions) == napi_ok ? exports : NULL;
}
