import { badFlag } from './bad-flag.ts';

/** Reads `--sysctl <key>=<value>`; whether the key may be set is seen in checkRunOptions. @throws TsrunError TSRUN_BAD_FLAG */
export function parseSysctl(text: string): readonly [key: string, value: string] {
	const equals = text.indexOf('=');
	if (equals < 1) {
		throw badFlag('--sysctl', text, { problem: 'is not <key>=<value>', example: '--sysctl net.ipv4.ip_forward=1' });
	}
	return [text.slice(0, equals).trim(), text.slice(equals + 1)];
}
