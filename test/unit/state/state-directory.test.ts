import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyProgress } from '../../../src/native/progress.ts';
import { flock } from '../../../src/native/syscalls.ts';
import { nameLink } from '../../../src/state/container-names.ts';
import {
	containerStateDir,
	createContainerState,
	listContainerIds,
	openStateDirectory,
	readContainer,
	readPlan,
	removeContainerState,
	removeUnfinished,
	stateRoot,
	tryLock,
	withContainer,
} from '../../../src/state/state-directory.ts';
import { A, B, PLAN, STARTED, stateDirectory, stateOf, TORN_DOWN, writeTimes } from './state-fixture.ts';

describe('stateRoot', () => {
	it.each([
		[{ TSRUN_STATE: '/x' }, 0, '/x'],
		[{ TSRUN_STATE: '/x', XDG_RUNTIME_DIR: '/run/user/5' }, 5, '/x'],
		[{ XDG_RUNTIME_DIR: '/run/user/0' }, 0, '/run/tsrun'],
		[{ XDG_RUNTIME_DIR: '/run/user/5' }, 5, '/run/user/5/tsrun'],
		[{}, 5, '/tmp/tsrun-5/tsrun'],
	])('with %j for user %i is %3$s', (env, uid, root) => {
		expect(stateRoot(env, uid, () => false)).toBe(root);
	});

	it('of a user who is root in a user namespace is that of the user, as long as USER does not say root', () => {
		const env = { XDG_RUNTIME_DIR: '/run/user/5' };
		const isNested = (): boolean => true;
		expect(stateRoot(env, 0, isNested)).toBe('/run/user/5/tsrun');
		expect(stateRoot({ ...env, USER: 'alice' }, 0, isNested)).toBe('/run/user/5/tsrun');
		expect(stateRoot({ ...env, USER: 'root' }, 0, isNested)).toBe('/run/tsrun');
		expect(stateRoot({}, 0, isNested)).toBe('/run/tsrun');
	});

	it('takes an empty variable for an absent one (XDG base directories)', () => {
		expect(stateRoot({ TSRUN_STATE: '' }, 0)).toBe('/run/tsrun');
		expect(stateRoot({ XDG_RUNTIME_DIR: '' }, 5)).toBe('/tmp/tsrun-5/tsrun');
	});
});

describe('openStateDirectory', () => {
	it('makes what is missing, closed to others, and opens what is there', () => {
		const root = join(stateDirectory().root, 'deep', 'er');
		openStateDirectory(root);
		expect(openStateDirectory(root)).toEqual({ root });
		for (const path of [root, join(root, '.names')]) expect(statSync(path).mode & 0o077).toBe(0);
	});
});

describe('createContainerState', () => {
	it('makes state, plan and an empty progress, closed to others, and claims the name', () => {
		const directory = stateDirectory();
		const fd = createContainerState(directory, { state: stateOf(A), plan: PLAN });
		const path = containerStateDir(directory, A);
		expect(JSON.parse(readFileSync(join(path, 'state.json'), 'utf8'))).toEqual(stateOf(A));
		expect([...readPlan(directory, A)]).toEqual([...PLAN]);
		expect([...readFileSync(join(path, 'progress'))]).toEqual([...emptyProgress()]);
		expect(readlinkSync(nameLink(directory, 'name-a1'))).toBe(A);
		for (const file of ['', ...readdirSync(path)]) expect(statSync(join(path, file)).mode & 0o077).toBe(0);
		expect(readdirSync(directory.root).sort()).toEqual([A, '.names'].sort());
		closeSync(fd);
	});

	it('gives back the descriptor that says the container has a supervisor', () => {
		const directory = stateDirectory();
		const fd = createContainerState(directory, { state: stateOf(A), plan: PLAN });
		expect(readContainer(directory, A)?.status).toBe('creating');
		expect(tryLock(directory, A, () => undefined)).toBe(false);
		closeSync(fd);
		expect(readContainer(directory, A)?.status).toBe('dead');
		expect(tryLock(directory, A, () => undefined)).toBe(true);
	});

	it('refuses a name in use and leaves its owner, the name and nothing else', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A, { name: 'web' }), plan: PLAN }));
		expect(() => createContainerState(directory, { state: stateOf(B, { name: 'web' }), plan: PLAN })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_NAME_IN_USE',
				message: expect.stringContaining(`"web" is already in use by container ${A.slice(0, 12)}`),
			}),
		);
		expect(readlinkSync(nameLink(directory, 'web'))).toBe(A);
		expect(listContainerIds(directory)).toEqual([A]);
		expect(readdirSync(directory.root).sort()).toEqual([A, '.names'].sort());
	});

	it('takes over the name of a container that is gone', () => {
		const directory = stateDirectory();
		symlinkSync(A, nameLink(directory, 'web'));
		closeSync(createContainerState(directory, { state: stateOf(B, { name: 'web' }), plan: PLAN }));
		expect(readlinkSync(nameLink(directory, 'web'))).toBe(B);
	});
});

describe('readContainer', () => {
	it('knows each status by lock and progress, never by a pid', () => {
		const directory = stateDirectory();
		const fd = createContainerState(directory, { state: stateOf(A), plan: PLAN });
		const status = () => readContainer(directory, A)?.status;
		expect(status()).toBe('creating');
		writeTimes(directory, A, { [STARTED]: 1n });
		expect(status()).toBe('running');
		writeTimes(directory, A, { [STARTED]: 1n, [TORN_DOWN]: 2n });
		expect(status()).toBe('exited');
		closeSync(fd);
		expect(status()).toBe('exited');
		writeTimes(directory, A, { [STARTED]: 1n });
		expect(status()).toBe('dead');
	});

	it('calls a container that should have removed itself dead, even when its teardown is done', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A, { autoRemove: true }), plan: PLAN }));
		writeTimes(directory, A, { [STARTED]: 1n, [TORN_DOWN]: 2n });
		expect(readContainer(directory, A)?.status).toBe('dead');
	});

	it('finds nothing where there is nothing, or only a part', () => {
		const directory = stateDirectory();
		expect(readContainer(directory, A)).toBeUndefined();
		mkdirSync(containerStateDir(directory, A));
		expect(readContainer(directory, A)).toBeUndefined();
	});

	it('may be asked by any number of commands at once: another look is not taken for a supervisor', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A), plan: PLAN }));
		const look = openSync(join(containerStateDir(directory, A), 'progress'), 'r');
		expect(flock(look, 'shared', true)).toBe(true);
		expect(readContainer(directory, A)?.status).toBe('dead');
		expect(flock(look, 'exclusive', true)).toBe(true);
		expect(readContainer(directory, A)?.status).toBe('creating');
		closeSync(look);
	});
});

describe('tryLock', () => {
	it('holds the lock while it works, and lets go also when the work throws', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A), plan: PLAN }));
		const fail = () =>
			tryLock(directory, A, () => {
				expect(tryLock(directory, A, () => undefined)).toBe(false);
				throw new Error('the work failed');
			});
		expect(fail).toThrow('the work failed');
		expect(tryLock(directory, A, () => undefined)).toBe(true);
	});
});

describe('listContainerIds', () => {
	it('lists what can be a container and no other entry', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A), plan: PLAN }));
		for (const other of [`.new-${B}`, 'a b', '.x', 'x'.repeat(251)]) mkdirSync(join(directory.root, other));
		expect(listContainerIds(directory)).toEqual([A]);
	});
});

describe('removeContainerState', () => {
	it('removes the state and the name, twice without complaint', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A, { name: 'web' }), plan: PLAN }));
		removeContainerState(directory, A, 'web');
		removeContainerState(directory, A, 'web');
		expect([listContainerIds(directory), readdirSync(join(directory.root, '.names'))]).toEqual([[], []]);
	});

	it('leaves a name that belongs to another container by now', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(B, { name: 'web' }), plan: PLAN }));
		removeContainerState(directory, A, 'web');
		expect(readlinkSync(nameLink(directory, 'web'))).toBe(B);
	});
});

describe('removeUnfinished', () => {
	it('removes what a killed process left: unfinished directories, and names that lead nowhere', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A, { name: 'kept' }), plan: PLAN }));
		mkdirSync(join(directory.root, `.new-${B}`, 'deep'), { recursive: true });
		symlinkSync(B, nameLink(directory, 'lost'));
		removeUnfinished(directory);
		expect(readdirSync(join(directory.root, '.names'))).toEqual(['kept']);
		expect(existsSync(join(directory.root, `.new-${B}`))).toBe(false);
		expect(listContainerIds(directory)).toEqual([A]);
	});

	it('says at once that there is nothing to do', () => {
		const directory = stateDirectory();
		removeUnfinished(directory);
		expect(readdirSync(directory.root)).toEqual(['.names']);
		rmSync(directory.root, { recursive: true });
	});
});

describe('withContainer', () => {
	it('says that a container was removed after it had been found, as by a command at the same time', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A), plan: PLAN }));
		expect(withContainer(directory, A, () => 'done')).toBe('done');
		removeContainerState(directory, A, stateOf(A).name);
		expect(() => withContainer(directory, A, () => 'done')).toThrow(`container does not exist any more: ${A}`);
	});
});
