import { badFlag } from './bad-flag.ts';
import { parseInteger } from './parse-integer.ts';
import type { UsernsMode } from './run-options.ts';

const FLAG = '--userns';
/** (uid_t) -1 is no id (credentials(7)). */
const MAX_ID = 2 ** 32 - 2;

/** Reads `host` or `private[:<first id on the host>[:<number of ids>]]`. @throws TsrunError TSRUN_BAD_FLAG */
export function parseUserns(text: string): UsernsMode {
	if (text === 'host') return { kind: 'host' };
	const [word, first, size, ...more] = text.split(':');
	if (word !== 'private' || more.length > 0) {
		throw badFlag(FLAG, text, {
			problem: 'is not a user namespace',
			hint: 'there are host and private[:<first>[:<size>]]',
		});
	}
	if (first === undefined) return { kind: 'private' };
	const range = { min: 1, max: MAX_ID, example: 'private:100000:65536' };
	const firstId = parseInteger(FLAG, first, range);
	if (size === undefined) return { kind: 'private', first: firstId };
	const count = parseInteger(FLAG, size, range);
	if (firstId + count - 1 > MAX_ID) throw badFlag(FLAG, text, { problem: `goes beyond the last id, ${MAX_ID}` });
	return { kind: 'private', first: firstId, size: count };
}
