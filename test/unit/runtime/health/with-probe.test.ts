import { expect, it } from 'vitest';
import type { Plan, Step } from '../../../../src/plan/step.ts';
import { withProbe } from '../../../../src/runtime/health/with-probe.ts';
import { HYBRID } from '../../plan/cgroup/hosts.ts';
import { ID } from '../../spec/spec-input-fixture.ts';

const SUPERVISE: Step = { op: 'supervise', rawTerminal: 0, terminalInput: 0, phase: 'supervise', why: 'wait' };
const TURN: Step = { op: 'turn', phase: 'process', why: 'go on' };
const PLAN: Plan = { version: 1, cloneFlags: 0, setup: [TURN, SUPERVISE], init: [], teardown: [] };
const CHECK = { test: ['CMD', '/probe'], intervalMs: 1000, timeoutMs: 2000, startPeriodMs: 0, retries: 3 };
const INPUT = {
	spec: {
		ociVersion: '1.2.0',
		process: { cwd: '/', args: ['/bin/server'], user: { uid: 5, gid: 6 } },
		linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] },
	},
	facts: HYBRID,
	container: { id: ID },
	cgroups: { unified: '/cg/web' },
	stateDir: '/run/tsrun/x',
} as const;

it('is the plan itself where there is no check', () => {
	expect(withProbe(PLAN, { ...INPUT, check: undefined })).toBe(PLAN);
});

it('has the probe right before the supervision, with its times and its ring of files', () => {
	const { setup, ...rest } = withProbe(PLAN, { ...INPUT, check: CHECK });
	expect(setup.map(({ op }) => op)).toEqual(['turn', 'probe', 'supervise']);
	expect(setup[1]).toMatchObject({ path: '/run/tsrun/x/health/probe', intervalMs: 1000, timeoutMs: 2000, files: 32 });
	expect(rest).toEqual({ version: 1, cloneFlags: 0, init: [], teardown: [] });
});

it('is a whole plan in wire form, without a teardown, which names no process', () => {
	const [, probe] = withProbe(PLAN, { ...INPUT, check: CHECK }).setup;
	const bytes = Buffer.from((probe as Extract<Step, { op: 'probe' }>).plan as Uint8Array);
	expect(bytes.toString('latin1', 0, 4)).toBe('TSRP');
	expect(bytes.readUInt32LE(8)).toBe(bytes.length);
	// pipes, clone, turn, log, supervise
	expect([bytes.readUInt32LE(12), bytes.readUInt32LE(20)]).toEqual([6, 0]);
	expect(bytes.includes('/probe\0')).toBe(true);
	expect(bytes.includes('/run/tsrun/x/health/log\0')).toBe(true);
});
