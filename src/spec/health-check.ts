import type { HealthCheck } from '../core/health-check.ts';
import type { ImageExecution } from '../oci/image-spec.ts';
import type { HealthOptions } from './run-options.ts';

/** docker's. */
const DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 } as const;
/** poll(2) waits no longer at once. */
const LONGEST_MS = 0x7fff_ffff;
const NANOSECONDS = 1e6;
const SHELL = ['/bin/sh', '-c'];

/** What the flags say, else the image; undefined where there is no check. */
export function healthCheckOf(
	{ healthcheck: image, shell }: Pick<ImageExecution, 'healthcheck' | 'shell'>,
	options: HealthOptions,
): HealthCheck | undefined {
	if (options.isOff) return undefined;
	const test = options.command === undefined ? (image?.test ?? []) : ['CMD-SHELL', options.command];
	if (!['CMD', 'CMD-SHELL'].includes(test[0] ?? '') || (test[1] ?? '') === '') return undefined;
	const time = (own: number | undefined, nanoseconds: number | undefined, otherwise: number): number =>
		Math.min(LONGEST_MS, own || (nanoseconds ?? 0) / NANOSECONDS || otherwise);
	return {
		test,
		...(shell === undefined ? {} : { shell }),
		intervalMs: Math.ceil(time(options.intervalMs, image?.interval, DEFAULTS.intervalMs)),
		timeoutMs: Math.ceil(time(options.timeoutMs, image?.timeout, DEFAULTS.timeoutMs)),
		startPeriodMs: time(options.startPeriodMs, image?.startPeriod, DEFAULTS.startPeriodMs),
		retries: options.retries || image?.retries || DEFAULTS.retries,
	};
}

/** argv of a probe. */
export const probeArgs = ({ test: [kind, ...words], shell = SHELL }: HealthCheck): readonly string[] =>
	kind === 'CMD-SHELL' ? [...shell, words[0] ?? ''] : words;
