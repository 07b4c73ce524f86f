import { describe, expect, it } from 'vitest';
import { formatTrace } from '../../../src/explain/format-trace.ts';
import { callsOf, type TracedRun, traceOf } from '../../../src/explain/trace.ts';
import { traceToJson } from '../../../src/explain/trace-to-json.ts';

const BEGAN = 1_700_000_000_000.25;
/** Nanoseconds since the epoch of so many microseconds after tsrun began. */
const at = (microseconds: number): bigint => 1_700_000_000_000_250_000n + BigInt(microseconds * 1000);

const PLAN = {
	version: 1,
	cloneFlags: 0,
	setup: [
		{ op: 'mkdir', path: '/sys/fs/cgroup/a', mode: 0o755, tolerate: [17], phase: 'cgroup', why: 'a cgroup' },
		{ op: 'turn', phase: 'process', why: 'to init' },
		{ op: 'supervise', rawTerminal: 0, terminalInput: 0, phase: 'supervise', why: 'wait' },
	],
	init: [
		{ op: 'sethostname', name: 'a\u001b[31m', phase: 'identity', why: 'the name', from: '/hostname' },
		{ op: 'exec', paths: ['/bin/sh'], argv: ['sh'], env: [], phase: 'exec', why: 'the program' },
	],
	teardown: [
		{ op: 'removeTree', path: '/run/x', after: 0, phase: 'teardown', why: 'the state' },
		{ op: 'rmdir', path: '/run/y', after: 9, phase: 'teardown', why: 'never made' },
	],
} as unknown as TracedRun['plan'];

const RUN: TracedRun = {
	plan: PLAN,
	times: [
		{ began: at(2000), ended: at(2010.5), errno: 17 },
		{ began: at(2011), ended: at(2100) },
		{ began: at(2100), ended: at(5000) },
		{ began: at(2020), ended: at(2030) },
		{ began: at(2040) },
		{ began: at(5000), ended: at(5100), errno: 13 },
		undefined,
	],
	began: BEGAN,
	calls: callsOf(PLAN),
	handedOver: BEGAN + 1.5,
};

describe('a trace', () => {
	const trace = traceOf(RUN);

	it('has the steps that were carried out, as they began', () => {
		expect(trace.steps.map(({ list, index, at, took, result }) => [list, index, at, took, result])).toEqual([
			['setup', 0, 2000, 10.5, 'EEXIST'],
			['setup', 1, 2011, 89, 'ok'],
			['init', 0, 2020, 10, 'ok'],
			['init', 1, 2040, undefined, 'ok'],
			['setup', 2, 2100, 2900, 'ok'],
			['teardown', 0, 5000, 100, 'EACCES'],
		]);
	});

	it('sums by phase, and leaves out the steps that wait', () => {
		expect(trace.prepared).toBe(1500);
		expect(trace.phases).toEqual([
			{ phase: 'cgroup', steps: 1, took: 10.5 },
			{ phase: 'process', steps: 1, took: 0 },
			{ phase: 'identity', steps: 1, took: 10 },
			{ phase: 'exec', steps: 1, took: 0 },
			{ phase: 'supervise', steps: 1, took: 0 },
			{ phase: 'teardown', steps: 1, took: 100 },
		]);
	});

	it('is read as text', () => {
		const lines = formatTrace(trace, false).split('\n');
		expect(lines.slice(0, 8)).toEqual([
			'     at µs   took µs',
			'       0.0    1500.0   image, plan and state, by TypeScript',
			'    2000.0      10.5   setup 0 mkdir("/sys/fs/cgroup/a", 0755) = EEXIST',
			'    2011.0     (89.0)  setup 1 turn()',
			'    2020.0      10.0   init 0 sethostname("a\\u001b[31m")',
			'    2040.0         -   init 1 exec(["/bin/sh"], ["sh"], [])',
			'    2100.0   (2900.0)  setup 2 supervise(0, 0)',
			'    5000.0     100.0   teardown 0 remove_tree("/run/x") = EACCES',
		]);
		expect(lines).toContain('     120.5  all steps, without those in brackets, which wait');
		expect(formatTrace(trace, true)).toContain('\u001b[31m = EEXIST');
	});

	it('is read by Perfetto as a timeline of three threads, and by others as steps', () => {
		const { traceEvents, steps, phases } = traceToJson(trace) as {
			readonly traceEvents: readonly Readonly<Record<string, unknown>>[];
			readonly steps: readonly object[];
			readonly phases: readonly object[];
		};
		expect(traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args)).toEqual([
			{ name: 'tsrun' },
			{ name: 'supervisor' },
			{ name: 'init' },
		]);
		expect(traceEvents.filter(({ ph }) => ph === 'X')).toHaveLength(7);
		expect(traceEvents).toContainEqual({
			ph: 'X',
			name: 'sethostname',
			cat: 'identity',
			pid: 1,
			tid: 3,
			ts: 2020,
			dur: 10,
			args: {
				call: 'sethostname("a\\u001b[31m")',
				why: 'the name',
				from: '/hostname',
				manual: 'sethostname(2)',
				result: 'ok',
			},
		});
		expect(steps).toHaveLength(6);
		expect(steps[3]).not.toHaveProperty('took');
		expect(phases).toHaveLength(6);
	});
});
