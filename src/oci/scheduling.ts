/** Words of config.json for sched_setattr(2) and ioprio_set(2), and their numbers (linux/sched.h, linux/ioprio.h). */
export const SCHED_POLICIES: Readonly<Record<string, number>> = {
	SCHED_OTHER: 0,
	SCHED_FIFO: 1,
	SCHED_RR: 2,
	SCHED_BATCH: 3,
	/** Reserved: no kernel has it. */
	SCHED_ISO: 4,
	SCHED_IDLE: 5,
	SCHED_DEADLINE: 6,
};

export const SCHED_FLAGS: Readonly<Record<string, number>> = {
	SCHED_FLAG_RESET_ON_FORK: 0x01,
	SCHED_FLAG_RECLAIM: 0x02,
	SCHED_FLAG_DL_OVERRUN: 0x04,
	SCHED_FLAG_KEEP_POLICY: 0x08,
	SCHED_FLAG_KEEP_PARAMS: 0x10,
	SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
	SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

export const IOPRIO_CLASSES: Readonly<Record<string, number>> = {
	IOPRIO_CLASS_RT: 1,
	IOPRIO_CLASS_BE: 2,
	IOPRIO_CLASS_IDLE: 3,
};
