/** How a container is asked whether it is well. */
export interface HealthCheck {
	/** As images have it: `CMD` and a program with its arguments, or `CMD-SHELL` and a line of the shell. */
	readonly test: readonly string[];
	/** The words before a line of the shell; absent: `/bin/sh -c`. */
	readonly shell?: readonly string[];
	/** From the start, and from the end of one probe to the beginning of the next. */
	readonly intervalMs: number;
	/** A probe that lasts longer has failed. */
	readonly timeoutMs: number;
	/** Failures from the start on that do not count. */
	readonly startPeriodMs: number;
	/** So many failures, one after the other, mean that it is not well. */
	readonly retries: number;
}
