import { describe, expect, it } from 'vitest';
import {
	formatInfo,
	formatStop,
	noContainer,
	resultOf,
	type StopText,
} from '../../../../src/explain/step/format-stop.ts';
import { viewRows } from '../../../../src/explain/step/view-rows.ts';
import type { StepTimes } from '../../../../src/plan/step-times.ts';
import { placeOf, STEP_PLAN } from './step-plan.ts';
import { CONTAINER, HOST } from './views.ts';

/** The steps of these numbers were carried out in this order, each in 12.3 µs. */
const timesOf = (...numbers: readonly number[]): readonly (StepTimes | undefined)[] => {
	const times: (StepTimes | undefined)[] = Array(12).fill(undefined);
	for (const [order, number] of numbers.entries()) {
		const began = BigInt(1000 + order * 100_000);
		times[number] = { began, ended: began + 12_300n };
	}
	return times;
};

const AT_PIVOT: StopText = {
	plan: STEP_PLAN,
	place: placeOf('pivotRoot'),
	times: timesOf(0, 1, 2, 6, 7, 3),
	skipped: new Set([3]),
	supervisor: 3000,
	init: 4000,
	rows: viewRows(HOST, CONTAINER, 'short'),
	changed: new Set(['mounts']),
	width: 100,
	colour: false,
};

describe('formatStop', () => {
	it('has what has been, what comes, and both sides', () => {
		const lines = formatStop(AT_PIVOT).split('\n');
		expect(lines[0]).toMatch(/^── before init 2 of 4, mounts ─+$/);
		expect(lines[0]).toHaveLength(100);
		expect(lines.slice(1, 8)).toEqual([
			'done  init 1 turn() = ok, 12.3 µs',
			'done  setup 3 write("/sys/fs/cgroup/a/pids.max", "5") = skipped',
			'next  init 2 pivot_root()',
			'      the host’s root goes · /root/path · pivot_root(2)',
			'then  init 3 sethostname("a\\u001b[31m")',
			'then  init 4 exec(["/bin/sh"], ["sh"], [])',
			'then  setup 5 supervise(0, 0)',
		]);
		expect(lines[8]).toMatch(/^ +host, supervisor 3000 +container, init 4000$/);
		expect(lines).toContainEqual(expect.stringMatching(/^\* mounts +2 +3, 2 not on the host$/));
	});

	it('says before and after the container that there is none', () => {
		const text = (place: StopText['place'], times: StopText['times']): string =>
			formatStop({ ...AT_PIVOT, place, times, init: undefined });
		expect(text(placeOf('mkdir'), timesOf())).toContain('no container yet: setup 1 makes its process');
		expect(text(placeOf('rmdir'), timesOf(0, 1))).toContain('no container any more');
		// quit before there was one
		expect(noContainer({ plan: STEP_PLAN, place: placeOf('rmdir'), times: timesOf(0) })).toBe('no container any more');
	});

	it('cuts what has been and what follows to the width, and never what comes', () => {
		const path = `/${'long/'.repeat(60)}`;
		const [first = STEP_PLAN.setup[0], ...rest] = STEP_PLAN.setup;
		const plan = { ...STEP_PLAN, setup: [{ ...first, path }, ...rest] } as StopText['plan'];
		const after = formatStop({ ...AT_PIVOT, plan, place: placeOf('clone'), times: timesOf(0) });
		const [done = ''] = after.split('\n').filter(line => line.startsWith('done'));
		expect([...done]).toHaveLength(100);
		expect(done).toMatch(/ = ok, 12\.3 µs$/);
		const place = { ...placeOf('mkdir'), step: plan.setup[0] ?? placeOf('mkdir').step };
		expect(formatStop({ ...AT_PIVOT, plan, place, times: timesOf() })).toContain(
			`next  setup 0 mkdir("${path}", 0755)`,
		);
	});

	it('has no colours unless asked for', () => {
		expect(formatStop(AT_PIVOT)).not.toContain('\u001b');
		expect(formatStop({ ...AT_PIVOT, colour: true })).toContain('\u001b[1minit 2 pivot_root()\u001b[0m');
	});
});

describe('formatInfo', () => {
	const info = { ...AT_PIVOT, host: HOST, container: CONTAINER };

	it('has all topics, or those that begin so', () => {
		expect(formatInfo({ ...info, topic: undefined }).match(/^ {2}[a-z]/gm)).toHaveLength(10);
		expect(formatInfo({ ...info, topic: 'mo' })).toMatch(/\n {2}mounts .*\/proc proc rw/s);
		expect(formatInfo({ ...info, topic: 'mo' })).not.toContain('namespaces');
	});

	it('refuses a topic that is none, and lists them', () => {
		expect(() => formatInfo({ ...info, topic: 'frob' })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_USAGE',
				message: 'info: there is no topic "frob"',
				hint: expect.stringMatching(/^there are namespaces, .*network$/),
			}),
		);
	});
});

describe('resultOf', () => {
	it('is the errno where there was one', () => {
		expect(resultOf({ began: 0n, ended: 1500n, errno: 17 }, false)).toBe('EEXIST, 1.5 µs');
		expect(resultOf({ began: 1n }, false)).toBe('not yet');
		expect(resultOf(undefined, true)).toBe('skipped');
	});
});
