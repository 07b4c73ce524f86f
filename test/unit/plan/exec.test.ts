import { expect, it } from 'vitest';
import type { Process, SpecNamespaceType } from '../../../src/oci/runtime-spec.ts';
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
	readonly namespaces?: readonly SpecNamespaceType[];
}

function execPlan(change: Change = {}): Plan {
	return compileExec({
		spec: { ociVersion: '1.2.0', linux: { namespaces: (change.namespaces ?? ['mount']).map(type => ({ type })) } },
		process: { cwd: '/', args: ['/bin/ls'], user: { uid: 5, gid: 6 }, ...change.process },
		facts: HYBRID,
		bundle: '/bundle',
		rootfs: '/bundle/rootfs',
		target: { ...TARGET, ...change.target },
		container: { ...CONTAINER, ...change.container },
		scratch: '/run/x',
	});
}
const opsOf = (steps: Plan['init']): readonly string[] => steps.map(({ op }) => op);

it('holds init by a pidfd before it joins anything, and itself stays in the namespaces of the host', () => {
	const { setup } = execPlan();
	expect(opsOf(setup)).toEqual(['openTarget', 'clone3', 'turn', 'supervise']);
	expect(setup[0]).toMatchObject({ pid: 17, startTime: 99n });
	expect(setup[1]).toMatchObject({ cgroup: '/cg/web', flags: 0 });
});

it('enters the cgroups while the host’s paths are there, cannot be traced, and then joins all at once', () => {
	const { init } = execPlan();
	const ops = opsOf(init);
	expect(init.slice(0, 4)).toMatchObject([
		{ op: 'prctl', option: PR.SET_DUMPABLE, arg2: 0 },
		{ op: 'write', path: '/cg1/web/tasks', data: '0' },
		allCpusStep(),
		{ op: 'joinTarget', flags: CLONE.NEWPID | CLONE.NEWNET | CLONE.NEWNS | CLONE.NEWTIME },
	]);
	expect(ops.at(-1)).toBe('exec');
	expect(ops).not.toContain('findProgram');
});

it('is seen in the container only with its root and without a descriptor of the host (CVE-2016-9962)', () => {
	const { init } = execPlan();
	const ops = opsOf(init);
	const birth = ops.indexOf('forkInit');
	expect(ops.slice(birth - 2, birth + 2)).toEqual(['joinTarget', 'closeRange', 'forkInit', 'prctl']);
	expect(init[birth + 1]).toMatchObject({ option: PR.SET_PDEATHSIG });
	expect(ops.slice(0, birth).filter(op => op.startsWith('open'))).toEqual([]);
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

it('changes to the root of a container that has no mount namespace: that of the host’s stays the host’s', () => {
	const rootSteps = (change: Change) => execPlan(change).init.filter(({ op }) => op === 'openRoot' || op === 'chroot');
	expect(rootSteps({})).toMatchObject([{ op: 'openRoot', path: '/' }]);
	expect(rootSteps({ namespaces: ['pid'] })).toMatchObject([
		{ op: 'openRoot', path: '/bundle/rootfs' },
		{ op: 'chroot' },
	]);
});

it('has pipes in their places before it closes the descriptors of the host, and takes null devices from the container', () => {
	const { init } = execPlan({ container: { streams: { stdin: 'null', stdout: 'pipe', stderr: 'pipe' } } });
	const streams = init.flatMap((step, index) => (step.op === 'standardStream' ? [{ fd: step.fd, index }] : []));
	const closes = init.findIndex(({ op }) => op === 'closeRange');
	expect(streams.filter(({ index }) => index < closes).map(({ fd }) => fd)).toEqual([1, 2]);
	const root = init.findIndex(({ op }) => op === 'openRoot');
	expect(streams.filter(({ index }) => index > root).map(({ fd }) => fd)).toEqual([0]);
});
