import { closeSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nameLink } from '../../../src/state/container-names.ts';
import { findContainer } from '../../../src/state/find-container.ts';
import { createContainerState, type StateDirectory } from '../../../src/state/state-directory.ts';
import { id, PLAN, stateDirectory, stateOf } from './state-fixture.ts';

const FIRST = id('abc1');
const SECOND = id('abc2');

function two(): StateDirectory {
	const directory = stateDirectory();
	closeSync(createContainerState(directory, { state: stateOf(FIRST, { name: 'web' }), plan: PLAN }));
	closeSync(createContainerState(directory, { state: stateOf(SECOND, { name: 'abc1' }), plan: PLAN }));
	return directory;
}

describe('findContainer', () => {
	it('finds by the whole id, by a beginning of it, and by name', () => {
		const directory = two();
		expect(findContainer(directory, FIRST)).toBe(FIRST);
		expect(findContainer(directory, SECOND.slice(0, 12))).toBe(SECOND);
		expect(findContainer(directory, 'web')).toBe(FIRST);
	});

	it('takes a name before the beginning of an id', () => {
		expect(findContainer(two(), 'abc1')).toBe(SECOND);
	});

	it('takes a whole id before a name that looks like it', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(FIRST), plan: PLAN }));
		closeSync(createContainerState(directory, { state: stateOf(SECOND, { name: FIRST }), plan: PLAN }));
		expect(findContainer(directory, FIRST)).toBe(FIRST);
	});

	it('refuses a beginning of several ids, and says of how many', () => {
		expect(() => findContainer(two(), 'abc')).toThrow(
			expect.objectContaining({ code: 'TSRUN_AMBIGUOUS_ID', message: expect.stringContaining('2 container ids') }),
		);
	});

	it.each(['', 'none', 'ABC1', '../names/web', 'web/', `${FIRST}0`, 'abc3'])('finds nothing for %j', text => {
		expect(() => findContainer(two(), text)).toThrow(expect.objectContaining({ code: 'TSRUN_NO_SUCH_CONTAINER' }));
	});

	it('does not follow a name to what is no container', () => {
		const directory = two();
		symlinkSync('../../etc', nameLink(directory, 'odd'));
		symlinkSync(id('dead'), nameLink(directory, 'stale'));
		for (const name of ['odd', 'stale']) {
			expect(() => findContainer(directory, name)).toThrow(
				expect.objectContaining({ code: 'TSRUN_NO_SUCH_CONTAINER' }),
			);
		}
	});
});
