import { describe, expect, it } from 'vitest';
import { nextRun, type RestartPolicy, wantsStart } from '../../../src/core/restart-policy.ts';

const NONE = { restarts: 0, delay: 0 };
const end = { exitCode: 1, lasted: 50, wasStopped: false };

describe('whether a container runs again', () => {
	it.each<[RestartPolicy, Partial<typeof end>, boolean]>([
		[{ kind: 'no' }, {}, false],
		[{ kind: 'always' }, {}, true],
		[{ kind: 'always' }, { exitCode: 0 }, true],
		[{ kind: 'always' }, { wasStopped: true }, false],
		[{ kind: 'unless-stopped' }, { exitCode: 0 }, true],
		[{ kind: 'unless-stopped' }, { wasStopped: true }, false],
		[{ kind: 'on-failure' }, {}, true],
		[{ kind: 'on-failure' }, { exitCode: 0 }, false],
		[{ kind: 'on-failure' }, { wasStopped: true }, false],
	])('%j after %j: %s', (policy, change, expected) => {
		expect(nextRun(policy, { ...end, ...change }, NONE) !== undefined).toBe(expected);
	});

	it('counts tries', () => {
		const policy = { kind: 'on-failure', tries: 2 } as const;
		expect(nextRun(policy, end, { restarts: 1, delay: 100 })?.restarts).toBe(2);
		expect(nextRun(policy, end, { restarts: 2, delay: 200 })).toBeUndefined();
	});
});

it('waits 100 ms, then twice as long each time, up to a minute', () => {
	const delays: number[] = [];
	for (let count = NONE; delays.length < 12; ) {
		count = nextRun({ kind: 'always' }, end, count) ?? NONE;
		delays.push(count.delay);
	}
	expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
});

it('begins anew after a run of ten seconds', () => {
	const next = nextRun({ kind: 'always' }, { ...end, lasted: 10_000 }, { restarts: 7, delay: 12_800 });
	expect(next).toEqual({ restarts: 8, delay: 100 });
});

it.each([
	['always', true, true],
	['always', false, true],
	['unless-stopped', true, false],
	['unless-stopped', false, true],
	['on-failure', false, false],
	['no', false, false],
] as const)(
	'with %s, ended by the user: %s, a container runs when the machine starts: %s',
	(kind, unwanted, expected) => {
		expect(wantsStart({ kind }, unwanted)).toBe(expected);
	},
);
