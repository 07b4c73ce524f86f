import { expect, it } from 'vitest';
import type { RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import type { HandOver, Life } from '../../../src/plan/container-input.ts';
import { compileLife } from '../../../src/plan/life.ts';
import { PR } from '../../../src/plan/linux-constants.ts';
import type { Step } from '../../../src/plan/step.ts';
import { planOf } from './plan-fixture.ts';

const SUPERVISE: Step = { op: 'supervise', rawTerminal: 0, terminalInput: 0, phase: 'supervise', why: 'wait' };
const CREATED: Life = { kind: 'created', start: '/s/exec.fifo' };

function lifeOf(life: Life, { handOver = {}, spec }: { handOver?: HandOver; spec?: RuntimeSpec } = {}) {
	const container = { life, handOver } as Parameters<typeof compileLife>[1];
	return compileLife(spec ?? { ociVersion: '1.2.0' }, container, SUPERVISE);
}

it('ends a supervised container with its supervisor, also after a change of user', () => {
	const { born, reborn, wait, end } = lifeOf({ kind: 'supervised' });
	expect(born).toMatchObject([{ option: PR.SET_PDEATHSIG }]);
	expect(reborn).toMatchObject([{ option: PR.SET_PDEATHSIG }]);
	expect([wait, end]).toEqual([[], [SUPERVISE]]);
});

it('lets a created container wait for its start, and go on without its creator', () => {
	const { prepare, born, reborn, wait, end } = lifeOf(CREATED);
	expect(prepare).toMatchObject([{ op: 'openStart', path: '/s/exec.fifo' }]);
	expect(born).toMatchObject([{ option: PR.SET_DUMPABLE, arg2: 0 }]);
	expect(reborn).toEqual([]);
	expect(wait).toMatchObject([{ op: 'awaitStart' }]);
	expect(end).toMatchObject([{ op: 'leave' }]);
});

it('hands over terminal, pidfd and pid before it leaves', () => {
	const handOver: HandOver = {
		consoleSocket: '/c',
		pidfdSocket: '/p',
		pidFile: { path: '/x/pid', temporary: '/x/.pid' },
	};
	expect(lifeOf(CREATED, { handOver }).end.map(({ op }) => op)).toEqual([
		'sendDescriptor',
		'sendDescriptor',
		'writePid',
		'leave',
	]);
});

it('looks for the program before it waits, as the user of the container, and waits before a hook or the program', () => {
	const change = (spec: RuntimeSpec): RuntimeSpec => ({ ...spec, hooks: { startContainer: [{ path: '/hook' }] } });
	const { init } = planOf({ change, container: { life: CREATED, hooks: { id: 'web', bundle: '/b' } } });
	const ops = init.map(({ op }) => op);
	expect(ops.slice(ops.indexOf('findProgram'))).toEqual(['findProgram', 'awaitStart', 'hook', 'exec']);
	expect(ops.indexOf('setresuid')).toBeLessThan(ops.indexOf('findProgram'));
});

it('runs the hooks of the host between two turns, when the mounts are made and the root is still the host’s', () => {
	const hooks = { prestart: [{ path: '/one' }], createRuntime: [{ path: '/two' }], createContainer: [{ path: '/in' }] };
	const { setup, init } = planOf({
		change: spec => ({ ...spec, hooks }),
		container: { hooks: { id: 'web', bundle: '/b' } },
	});
	const order = (steps: readonly Step[]): readonly string[] =>
		steps.flatMap(step => (step.op === 'hook' ? [step.path] : step.op === 'turn' ? ['turn'] : []));
	expect(order(setup)).toEqual(['turn', '/one', '/two', 'turn']);
	expect(order(init)).toEqual(['turn', '/in']);
	const ops = init.map(({ op }) => op);
	expect(ops.indexOf('hook')).toBeLessThan(ops.indexOf('pivotRoot'));
	expect(ops.indexOf('hook')).toBeGreaterThan(ops.lastIndexOf('mknodInRoot'));
});
