import { badFlag } from './bad-flag.ts';

/** `os[/architecture[/variant]]` in the names of Go. @throws TsrunError TSRUN_BAD_FLAG */
export function parsePlatform(text: string): string {
	if (!/^[a-z0-9_]+(\/[a-z0-9_]+){0,2}$/i.test(text)) {
		throw badFlag('--platform', text, { problem: 'is not <os>/<architecture>', example: '--platform linux/arm64' });
	}
	return text.toLowerCase();
}
