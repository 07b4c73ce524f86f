import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { errnoName, errnoWords } from '../../../src/core/errno.ts';

describe('errno', () => {
	it('names each number as the engine does', () => {
		const aliases = ['EWOULDBLOCK', 'ENOTSUP'];
		const known = Object.entries(constants.errno).filter(([name]) => !aliases.includes(name));
		const wrong = known.filter(([name, errno]) => ![name, `E${errno}`].includes(errnoName(errno)));
		expect(wrong).toEqual([]);
		expect(errnoName(constants.errno.EWOULDBLOCK)).toBe('EAGAIN');
	});

	it('says what a number means in lower case', () => {
		expect(errnoWords(2)).toBe('no such file or directory');
		expect(errnoWords(61)).toBe('no data available');
	});

	it('still says something about a number that it does not know', () => {
		expect([errnoName(4000), errnoWords(4000)]).toEqual(['E4000', 'error 4000']);
	});
});
