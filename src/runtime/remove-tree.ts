import { closeSync, writeSync } from 'node:fs';
import { encodePlan } from '../native/encode.ts';
import { runTeardown } from '../native/machine.ts';
import { emptyProgress } from '../native/progress.ts';
import { MFD_CLOEXEC, memfdCreate } from '../native/syscalls.ts';
import { ERRNO } from '../plan/linux-constants.ts';

/** The machine removes a tree which a container may have nested deeper than any path is long. Absence is success. */
export function removeContainerTree(path: string): void {
	const progressFd = memfdCreate('tsrun-progress', MFD_CLOEXEC);
	try {
		writeSync(progressFd, emptyProgress());
		runTeardown({ plan: encodePlan(removal(path)), progressFd });
	} finally {
		closeSync(progressFd);
	}
}

function removal(path: string): Parameters<typeof encodePlan>[0] {
	const step = {
		op: 'removeTree',
		path,
		tolerate: [ERRNO.ENOENT],
		phase: 'teardown',
		why: 'what the container wrote',
	} as const;
	return { version: 1, cloneFlags: 0, setup: [], init: [], teardown: [step] };
}
