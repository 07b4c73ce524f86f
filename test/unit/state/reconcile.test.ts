import { closeSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../src/state/reconcile.ts';
import {
	containerStateDir,
	createContainerState,
	listContainerIds,
	readContainer,
	tryLock,
} from '../../../src/state/state-directory.ts';
import { A, B, PLAN, STARTED, stateDirectory, stateOf, TORN_DOWN, writeTimes } from './state-fixture.ts';

const NEVER = (): never => {
	throw new Error('no teardown was expected');
};

describe('reconcile', () => {
	it('leaves a container alone that is supervised, or done', () => {
		const directory = stateDirectory();
		const fd = createContainerState(directory, { state: stateOf(A), plan: PLAN });
		closeSync(createContainerState(directory, { state: stateOf(B), plan: PLAN }));
		writeTimes(directory, B, { [STARTED]: 1n, [TORN_DOWN]: 2n });
		expect(reconcile(directory, NEVER)).toEqual([]);
		expect(listContainerIds(directory)).toHaveLength(2);
		closeSync(fd);
	});

	it('tears down a container whose supervisor is gone, with its stored plan and under its lock', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A), plan: PLAN }));
		const plans: (readonly number[])[] = [];
		const done = reconcile(directory, ({ plan }) => {
			plans.push([...plan]);
			expect(tryLock(directory, A, () => undefined)).toBe(false);
		});
		expect(done).toEqual([{ id: A }]);
		expect(plans).toEqual([[...PLAN]]);
		expect(readContainer(directory, A)).toBeDefined();
	});

	it('forgets one that was to be removed when it ends, with its name', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A, { autoRemove: true }), plan: PLAN }));
		expect(reconcile(directory, () => undefined)).toEqual([{ id: A }]);
		expect([listContainerIds(directory), readdirSync(join(directory.root, '.names'))]).toEqual([[], []]);
	});

	it('keeps a container whose teardown failed, says so, and goes on with the others', () => {
		const directory = stateDirectory();
		for (const container of [A, B])
			closeSync(createContainerState(directory, { state: stateOf(container, { autoRemove: true }), plan: PLAN }));
		const failure = new Error('a step failed');
		let calls = 0;
		const done = reconcile(directory, () => {
			if (calls++ === 0) throw failure;
		});
		expect(done).toHaveLength(2);
		expect(done.filter(({ error }) => error === failure)).toHaveLength(1);
		expect(listContainerIds(directory)).toEqual(done.filter(({ error }) => error !== undefined).map(({ id }) => id));
		expect(reconcile(directory, () => undefined)).toHaveLength(1);
		expect(listContainerIds(directory)).toEqual([]);
	});

	it('finishes a removal that was interrupted, without a teardown', () => {
		const directory = stateDirectory();
		closeSync(createContainerState(directory, { state: stateOf(A), plan: PLAN }));
		rmSync(join(containerStateDir(directory, A), 'plan'));
		mkdirSync(containerStateDir(directory, B));
		expect(
			reconcile(directory, NEVER)
				.map(({ id }) => id)
				.sort(),
		).toEqual([A, B]);
		expect([listContainerIds(directory), readdirSync(join(directory.root, '.names'))]).toEqual([[], []]);
	});

	it('leaves a directory that may be somebody else’s, whatever its name', () => {
		const directory = stateDirectory();
		mkdirSync(join(directory.root, 'lost+found'));
		mkdirSync(join(directory.root, 'web', 'www'), { recursive: true });
		mkdirSync(join(directory.root, 'half'));
		for (const file of ['plan', 'exec.fifo']) writeFileSync(join(directory.root, 'half', file), '');
		expect(reconcile(directory, NEVER).map(({ id }) => id)).toEqual(['half']);
		expect(readdirSync(directory.root).sort()).toEqual(['.names', 'lost+found', 'web']);
	});

	it('removes what a process left that was killed while it made a container', () => {
		const directory = stateDirectory();
		mkdirSync(join(directory.root, `.new-${A}`));
		expect(reconcile(directory, NEVER)).toEqual([]);
		expect(readdirSync(directory.root)).toEqual(['.names']);
	});
});
