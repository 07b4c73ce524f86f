import { fstatSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';

/** @throws TsrunError where one of the descriptors that the program is to get is not open */
export function requirePreserved(count: number): void {
	for (let fd = 3; fd < 3 + count; fd++) {
		try {
			fstatSync(fd);
		} catch {
			throw new TsrunError('TSRUN_BAD_FLAG', `--preserve-fds ${count}: descriptor ${fd} is not open`, {
				hint: `the program gets the descriptors from 3 to ${2 + count}: open each of them, or ask for fewer`,
				exitCode: 1,
			});
		}
	}
}
