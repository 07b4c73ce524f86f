/** docker's policies; `tries` is absent where there is no limit. */
export type RestartPolicy =
	| { readonly kind: 'no' | 'always' | 'unless-stopped' }
	| { readonly kind: 'on-failure'; readonly tries?: number };

/** How a run of a container ended. */
export interface RunEnd {
	readonly exitCode: number;
	/** Milliseconds that its program ran. */
	readonly lasted: number;
	/** By `stop` or `kill`, which ask for the end. */
	readonly wasStopped: boolean;
}

/** What is kept between two runs. */
export interface RestartCount {
	/** Runs begun again since the user last started it. */
	readonly restarts: number;
	/** Milliseconds of the newest wait. */
	readonly delay: number;
}

const FIRST_DELAY = 100;
const LONGEST_DELAY = 60_000;
/** Who ran this long begins anew, as with docker. */
const STEADY = 10_000;

/** Whether a container runs when the machine starts: docker's rules. @param isUnwanted the user has ended it */
export const wantsStart = ({ kind }: RestartPolicy, isUnwanted: boolean): boolean =>
	kind === 'always' || (kind === 'unless-stopped' && !isUnwanted);

/** Whether a container that has ended runs again, and after how long: docker's rules, 100 ms that double up to a minute. */
export function nextRun(policy: RestartPolicy, end: RunEnd, before: RestartCount): RestartCount | undefined {
	if (!mayRunAgain(policy, end, before)) return undefined;
	const delay = end.lasted >= STEADY || before.delay === 0 ? FIRST_DELAY : Math.min(2 * before.delay, LONGEST_DELAY);
	return { restarts: before.restarts + 1, delay };
}

function mayRunAgain(policy: RestartPolicy, { exitCode, wasStopped }: RunEnd, { restarts }: RestartCount): boolean {
	if (wasStopped || policy.kind === 'no') return false;
	if (policy.kind !== 'on-failure') return true;
	return exitCode !== 0 && (policy.tries === undefined || restarts < policy.tries);
}
