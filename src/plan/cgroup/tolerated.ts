import { ERRNO } from '../linux-constants.ts';

const ENODEV = 19;

/** A cgroup that is gone, or that goes while the file is open: what teardown wanted. */
export const ALREADY_GONE = [ERRNO.ENOENT, ENODEV];
/** The kill went out and the processes are still ending. */
export const STILL_ENDING = [...ALREADY_GONE, 110];
/** Another container made the common parent. */
export const ALREADY_THERE = [ERRNO.EEXIST];
/** memory.use_hierarchy of a cgroup that has it by its parent, or has children. */
export const ALREADY_DECIDED = [ERRNO.ENOENT, 16, ERRNO.EINVAL];
/** A controller that the parent does not have, processes or threaded cgroups in the way. */
export const CANNOT_BE_ENABLED = [ERRNO.ENOENT, 16, ERRNO.EINVAL, 95];
