import { expect, it } from 'vitest';
import type { Process } from '../../../src/oci/runtime-spec.ts';
import type { ContainerInput } from '../../../src/plan/container-input.ts';
import { compileExec, type ExecInput } from '../../../src/plan/exec.ts';
import { CLONE, PR } from '../../../src/plan/linux-constants.ts';
import { allCpusStep } from '../../../src/plan/scheduling.ts';
import type { Plan } from '../../../src/plan/step.ts';
import { ID } from '../spec/spec-input-fixture.ts';
import { HYBRID } from './cgroup/hosts.ts';

const CONTAINER: ExecInput['container'] = {
	id: ID,
	streams: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
	terminal: { raw: false, input: true },
	life: { kind: 'supervised' },
	handOver: {},
	newKeyring: true,
};
const TARGET: ExecInput['target'] = {
	pid: 17,
	startTime: 99n,
	namespaces: ['pid', 'network', 'mount', 'time'],
	cgroups: { unified: '/cg/web', memory: '/cg1/web' },
};

interface Change {
	readonly target?: Partial<ExecInput['target']>;
	readonly container?: Partial<ContainerInput>;
	readonly process?: Partial<Process>;
}

function execPlan(change: Change = {}): Plan {
	return compileExec({
		spec: { ociVersion: '1.2.0' },
		process: { cwd: '/', args: ['/bin/ls'], user: { uid: 5, gid: 6 }, ...change.process },
		facts: HYBRID,
		target: { ...TARGET, ...change.target },
		container: { ...CONTAINER, ...change.container },
		scratch: '/run/x',
	});
}
const opsOf = (steps: Plan['init']): readonly string[] => steps.map(({ op }) => op);

it('holds init by a pidfd before it joins anything, and gives later children back to the host', () => {
	const { setup } = execPlan();
	expect(opsOf(setup)).toEqual([...['openTarget', 'joinTarget', 'clone3', 'setns', 'setns', 'turn', 'supervise']]);
	expect(setup[0]).toMatchObject({ pid: 17, startTime: 99n });
	expect(setup[1]).toMatchObject({ flags: CLONE.NEWPID | CLONE.NEWTIME });
	expect(setup[2]).toMatchObject({ cgroup: '/cg/web', flags: 0 });
});

it('enters the cgroups while the host’s paths are there, cannot be traced, and then joins all at once', () => {
	const { init } = execPlan();
	const ops = opsOf(init);
	expect(init.slice(0, 3)).toMatchObject([
		{ op: 'prctl', option: PR.SET_PDEATHSIG },
		{ op: 'prctl', option: PR.SET_DUMPABLE, arg2: 0 },
		{ op: 'write', path: '/cg1/web/tasks', data: '0' },
	]);
	expect(init[3]).toEqual(allCpusStep());
	expect(init[4]).toMatchObject({ op: 'joinTarget', flags: CLONE.NEWNET | CLONE.NEWNS });
	expect(ops.indexOf('closeRange')).toBeGreaterThan(ops.indexOf('joinTarget'));
	expect(ops.at(-1)).toBe('exec');
	expect(ops).not.toContain('findProgram');
});

it('runs on the CPUs of execCPUAffinity: the first before it is in the cgroup, the last once it is there', () => {
	const execCPUAffinity = { initial: '3', final: '0-1' };
	const { setup, init } = execPlan({ process: { execCPUAffinity } });
	const clone = opsOf(setup).indexOf('clone3');
	expect(setup[clone - 1]).toMatchObject({ op: 'schedSetaffinity', from: '/process/execCPUAffinity/initial' });
	const cpus = opsOf(init).indexOf('schedSetaffinity');
	expect(init[cpus]).toMatchObject({ from: '/process/execCPUAffinity/final' });
	expect(cpus).toBeGreaterThan(opsOf(init).lastIndexOf('write'));
});

it('becomes root of a user namespace that it joins', () => {
	const { init } = execPlan({ target: { namespaces: ['user', 'mount'] } });
	const ops = opsOf(init);
	expect(ops.slice(ops.indexOf('joinTarget'), ops.indexOf('joinTarget') + 3)).toEqual([
		...['joinTarget', 'setresgid', 'setresuid'],
	]);
});

it('removes what it noted, before it leaves or at its end', () => {
	expect(execPlan().teardown).toMatchObject([{ op: 'removeTree', path: '/run/x' }]);
	const { setup } = execPlan({
		container: { life: { kind: 'detached' }, handOver: { pidFile: { path: '/p', temporary: '/.p' } } },
	});
	expect(opsOf(setup).slice(-3)).toEqual(['writePid', 'removeTree', 'leave']);
});

it('joins nothing where the container shares every namespace', () => {
	const { setup, init } = execPlan({ target: { namespaces: [] } });
	expect([...opsOf(setup), ...opsOf(init)]).not.toContain('joinTarget');
});
