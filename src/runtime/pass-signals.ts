/** A terminal sends these to the whole process group, so to the child as well. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGTSTP'] as const;
const PASSED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;

/**
 * From now on this process ends by none of them: a child that is in its process group decides.
 * @param isTaken whether the signal was meant for this process, and goes no further; not asked about SIGTSTP
 */
export function passSignals(pid: number, isTaken: (signal: NodeJS.Signals) => boolean = () => false): void {
	for (const signal of FROM_TERMINAL) process.on(signal, () => signal === 'SIGTSTP' || isTaken(signal));
	for (const signal of PASSED)
		process.on(signal, () => {
			if (!isTaken(signal)) tellIfThere(pid, signal);
		});
}

function tellIfThere(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// it has ended just now
	}
}
