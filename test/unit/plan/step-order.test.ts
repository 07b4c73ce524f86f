import { expect, it } from 'vitest';
import { inOrder, stepPlaces } from '../../../src/plan/step-order.ts';
import { STEP_PLAN } from '../explain/step/step-plan.ts';

it('numbers the steps through the lists', () => {
	const places = stepPlaces(STEP_PLAN);
	expect(places.map(({ number }) => number)).toEqual(places.map((_, index) => index));
	expect(places[6]).toMatchObject({ list: 'init', index: 0, step: { op: 'openRoot' } });
	expect(places[11]).toMatchObject({ list: 'teardown', index: 0 });
});

it('follows the turns of the two processes, and has every step once', () => {
	const order = inOrder(STEP_PLAN);
	expect(order.map(({ list, index }) => `${list} ${index}`)).toEqual([
		'setup 0',
		'setup 1',
		'setup 2',
		'init 0',
		'init 1',
		'setup 3',
		'setup 4',
		'init 2',
		'init 3',
		'init 4',
		'setup 5',
		'teardown 0',
	]);
});

it('has the steps of a plan without a second process as they are', () => {
	const alone = { ...STEP_PLAN, setup: STEP_PLAN.setup.slice(0, 1), init: [] };
	expect(inOrder(alone).map(({ list }) => list)).toEqual(['setup', 'teardown']);
});
