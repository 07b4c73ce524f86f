/* The order of steps: what is noted of each, and who may hold it (src/native/step-gate.ts). */
#include "plan.h"

#include <poll.h>

/* What nobody asked for is noted here. */
static struct timing unwatched = { .verdict = GO };

static struct timing *timing_of(const struct machine *machine, const struct step *step)
{
	size_t number = (size_t)(step - machine->plan.steps[LIST_SETUP]);
	size_t count = (machine->progress_size - sizeof(struct progress)) / sizeof(struct timing);

	return number < count ? (struct timing *)(machine->progress + 1) + number : &unwatched;
}

/*
 * The end of whoever steps means to quit, but what has been done is undone. Init cannot see who that is: quit_init tells it, and the
 * end of its supervisor shows by their socket.
 */
static enum verdict await_verdict(const struct machine *machine, const struct timing *timing)
{
	const int is_init = machine->list == LIST_INIT;
	struct pollfd peer = { .fd = is_init ? machine->peer : -1 };

	while (machine->stepper && timing->verdict == HOLD) {
		poll(&peer, 1, 1);
		if (is_init ? peer.revents & POLLHUP : getppid() != machine->stepper)
			return machine->list == LIST_TEARDOWN ? GO : QUIT;
	}
	return machine->stepper ? (enum verdict)timing->verdict : GO;
}

void quit_init(const struct machine *machine)
{
	for (uint32_t i = 0; i < machine->plan.header->count[LIST_INIT]; i++) {
		struct timing *timing = timing_of(machine, &machine->plan.steps[LIST_INIT][i]);

		if (timing->verdict == HOLD)
			timing->verdict = QUIT;
	}
}

static int run_step(struct machine *machine, const struct step *step)
{
	struct timing *timing = timing_of(machine, step);
	enum verdict verdict = await_verdict(machine, timing);
	int error;

	if (verdict == QUIT)
		return ECANCELED;
	timing->began = now();
	error = verdict != SKIP && execute(machine, step) ? errno : 0;
	timing->error = (uint64_t)error;
	timing->ended = now();
	if (!error)
		return 0;
	for (int i = 0; i < MAX_TOLERATED; i++)
		if (step->tolerate[i] == error)
			return 0;
	return error;
}

int run_list(struct machine *machine, enum list list)
{
	struct progress *progress = machine->progress;

	for (uint32_t i = 0; i < machine->plan.header->count[list]; i++) {
		const struct step *step = &machine->plan.steps[list][i];
		int error;

		if (list == LIST_TEARDOWN && step->after > progress->begun[LIST_SETUP])
			continue;
		progress->begun[list] = i + 1;
		error = run_step(machine, step);
		if (!error)
			continue;
		if (progress->failed_list < 0) {
			progress->failed_step = i;
			progress->failed_errno = error;
			progress->failed_list = (int32_t)list;
		}
		return error;
	}
	return 0;
}
