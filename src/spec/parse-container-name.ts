import { badFlag } from './bad-flag.ts';

const MAX_LENGTH = 128;

/** Docker's rule for names, and short enough for a file name. @throws TsrunError TSRUN_BAD_FLAG */
export function parseContainerName(text: string, flag = '--name'): string {
	const name = text.replace(/^\//, '');
	if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) || name.length > MAX_LENGTH) {
		throw badFlag(flag, text, {
			problem: `is not a name of 2 to ${MAX_LENGTH} letters, digits, _, . and -`,
			example: `${flag} web-1`,
		});
	}
	return name;
}
