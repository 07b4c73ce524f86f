import { describe, expect, it } from 'vitest';
import { KeyWatch, parseDetachKeys } from '../../../src/spec/detach-keys.ts';

describe('parseDetachKeys', () => {
	it.each([
		['ctrl-p,ctrl-q', [16, 17]],
		['CTRL-A', [1]],
		['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
		['a,B,~', [97, 66, 126]],
		['', []],
	])('%j is %j', (text, bytes) => expect(parseDetachKeys(text)).toEqual(bytes));

	it.each(['ctrl-', 'ctrl-1', 'ab', 'a,', ',', 'é', 'alt-x'])('refuses %j', text =>
		expect(() => parseDetachKeys(text)).toThrow(/--detach-keys .* has ".*", which is no key/),
	);
});

describe('KeyWatch', () => {
	/** What is passed on of each piece, and `!` where it detached. */
	const watch = (keys: readonly number[], ...pieces: readonly string[]): readonly string[] => {
		const watched = new KeyWatch(keys);
		return pieces.map(piece => {
			const { passed, isDetached } = watched.push(Buffer.from(piece));
			return `${Buffer.from(passed).toString()}${isDetached ? '!' : ''}`;
		});
	};
	const [P, Q] = ['\x10', '\x11'];

	it.each<readonly [string, readonly string[], readonly string[]]>([
		['passes other keys on', ['ls\r', Q], ['ls\r', Q]],
		['detaches by both, in one piece or in two', [`${P}${Q}`], ['!']],
		['holds the first back until the second', ['a', P, Q], ['a', '', '!']],
		['gives the first back where another follows', [P, 'x', Q], ['', `${P}x`, Q]],
		['begins anew with a first that follows a first', [P, P, Q], ['', P, '!']],
		['drops what comes after', [`a${P}${Q}b`], ['a!']],
	])('%s', (_, pieces, passed) => expect(watch([16, 17], ...pieces)).toEqual(passed));

	it('finds keys that repeat themselves', () => {
		expect(watch([97, 97, 98], 'aaab')).toEqual(['a!']);
	});

	it('passes all on where there are no keys', () => {
		expect(watch([], `${P}${Q}`)).toEqual([`${P}${Q}`]);
	});
});
