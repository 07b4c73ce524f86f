import type { Progress } from '../../native/progress.ts';
import type { ContainerStatus } from '../../state/container-state.ts';

/** docker's word for a time that has not come. */
const NEVER = '0001-01-01T00:00:00Z';

export interface StateInput {
	readonly status: ContainerStatus;
	readonly progress: Progress;
	readonly isPaused: boolean;
	/** Whether the kernel has killed at the limit of memory of what runs; the progress says it of what has ended. */
	readonly oomKilled?: boolean;
	/** `.Health`, where there is a health check. */
	readonly health?: object | undefined;
}

/** `.State` of `docker inspect`. */
export function stateDocument({ status, progress, isPaused, oomKilled, health }: StateInput): object {
	const isRunning = status === 'running';
	const hasEnded = status === 'exited' || status === 'stopped' || status === 'restarting' || status === 'dead';
	return {
		Status: statusWord(status, isPaused),
		Running: isRunning,
		Paused: isPaused,
		Restarting: status === 'restarting',
		OOMKilled: oomKilled ?? progress.oomKilled ?? false,
		Dead: status === 'dead',
		Pid: isRunning ? progress.init : 0,
		ExitCode: hasEnded ? (progress.exitCode ?? 0) : 0,
		Error: '',
		StartedAt: timeText(progress.started),
		FinishedAt: hasEnded ? timeText(progress.finished) : NEVER,
		...(health === undefined ? {} : { Health: health }),
	};
}

function statusWord(status: ContainerStatus, isPaused: boolean): string {
	if (isPaused) return 'paused';
	if (status === 'creating') return 'created';
	return status === 'stopped' ? 'exited' : status;
}

/** RFC 3339 with all nine digits. @param time nanoseconds since the epoch */
export function timeText(time: bigint | undefined): string {
	if (time === undefined || time === 0n) return NEVER;
	const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
	return `${seconds}.${String(time % 1_000_000_000n).padStart(9, '0')}Z`;
}
