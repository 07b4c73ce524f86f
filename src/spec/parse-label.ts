import { badFlag } from './bad-flag.ts';

/** Reads docker's `--label <key>[=<value>]`. @throws TsrunError TSRUN_BAD_FLAG */
export function parseLabel(text: string): readonly [key: string, value: string] {
	const equals = text.indexOf('=');
	if (equals === 0 || text === '')
		throw badFlag('--label', text, { problem: 'has no key', example: '--label tier=web' });
	return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
