import { normalize } from 'node:path/posix';
import { badFlag } from './bad-flag.ts';

/** @throws TsrunError TSRUN_BAD_FLAG when the path is relative */
export function parseWorkdir(text: string): string {
	if (!text.startsWith('/'))
		throw badFlag('--workdir', text, { problem: 'is not absolute', example: '--workdir /srv' });
	return normalize(text).replace(/(?<=.)\/+$/, '');
}
