import { badFlag } from '../spec/bad-flag.ts';
import { parseDuration } from '../spec/parse-duration.ts';
import { parseInteger } from '../spec/parse-integer.ts';
import type { HealthOptions } from '../spec/run-options.ts';
import type { FlagReader } from './flag-reader.ts';

const FLAGS = ['healthCmd', 'healthInterval', 'healthTimeout', 'healthRetries', 'healthStartPeriod'] as const;
const LONGEST_MS = 0x7fff_ffff;

/** The flags of the health check. @throws TsrunError TSRUN_BAD_FLAG */
export function readHealthOptions(flags: FlagReader): HealthOptions {
	const isOff = flags.isRefused('healthcheck');
	const given = FLAGS.find(name => flags.value(name) !== undefined);
	if (isOff && given !== undefined) {
		throw badFlag('--no-healthcheck', 'true', { problem: 'is given with other flags of the health check' });
	}
	const command = flags.value('healthCmd');
	const retries = flags.value('healthRetries');
	return {
		isOff,
		...(command ? { command } : {}),
		...time('intervalMs', '--health-interval', flags.value('healthInterval')),
		...time('timeoutMs', '--health-timeout', flags.value('healthTimeout')),
		...time('startPeriodMs', '--health-start-period', flags.value('healthStartPeriod')),
		...(retries === undefined
			? {}
			: { retries: parseInteger('--health-retries', retries, { min: 0, max: 1000, example: '3' }) }),
	};
}

/** 0 is docker's word for "as the image has it". */
function time(
	key: 'intervalMs' | 'timeoutMs' | 'startPeriodMs',
	flag: string,
	text: string | undefined,
): Partial<HealthOptions> {
	if (text === undefined || /^0s?$/.test(text)) return {};
	const milliseconds = parseDuration(flag, text);
	if (milliseconds < 1 || milliseconds > LONGEST_MS)
		throw badFlag(flag, text, { problem: 'is not between 1ms and 24 days', example: `${flag} 30s` });
	return { [key]: milliseconds };
}
