import { normalPath } from '../core/paths.ts';
import { badFlag } from './bad-flag.ts';

/** @throws TsrunError TSRUN_BAD_FLAG when the path is relative */
export function parseWorkdir(text: string): string {
	if (!text.startsWith('/'))
		throw badFlag('--workdir', text, { problem: 'is not absolute', example: '--workdir /srv' });
	return normalPath(text);
}
