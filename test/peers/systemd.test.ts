import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBundle } from '../kernel/support/bundle.ts';
import { hierarchyOf } from '../kernel/support/container-cgroup.ts';
import { openSystemd, type Systemd } from '../kernel/support/open-systemd.ts';
import { createSandbox } from '../kernel/support/run-tsrun.ts';
import { type CriClient, criClient } from './support/cri-client.ts';
import { eventually } from './support/eventually.ts';
import { type Containerd, openContainerd } from './support/open-containerd.ts';
import { type Docker, openDocker } from './support/open-docker.ts';
import { RUNTIMES } from './support/runtimes.ts';

const IMAGE = 'localhost/witness:latest';
const MEMORY = 64 * 2 ** 20;
const sandbox = createSandbox();
const rootfs = join(createBundle(sandbox), 'rootfs');
afterAll(() => sandbox.remove());

/** How systemd has the limits of a container with 64 MiB and 30 processes. */
const LIMITS = {
	ActiveState: 'active',
	TasksMax: '30',
	[hierarchyOf('memory').isV1 ? 'MemoryLimit' : 'MemoryMax']: String(MEMORY),
};

/** The scopes of systemd's whose names begin so, once there are none. */
function noScopes(systemd: Systemd, prefix: string): Promise<string> {
	const list = `systemctl list-units --all --plain --no-legend '${prefix}*.scope'`;
	return eventually(
		() => systemd.output(['sh', '-c', list]),
		units => units === '',
	);
}

describe.each(RUNTIMES)('podman with its systemd driver and $name', ({ path }) => {
	let systemd: Systemd;
	beforeAll(async () => {
		systemd = await openSystemd();
	});
	afterAll(() => systemd.close());
	const words = ['podman', '--cgroup-manager', 'systemd', '--runtime', path, '--events-backend', 'file'];
	const podman = (...args: readonly string[]): Promise<string> => systemd.output([...words, ...args]);
	const ulimits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
	const run = ['run', '--network', 'none', ...ulimits, '--memory', '64m', '--pids-limit', '30'];

	it('runs, enters and removes a container in its scope', async () => {
		const program = ['--rootfs', rootfs, '/witness', 'sleep', '1000'];
		const id = await podman(...run, '--detach', '--name', 'one', ...program);
		const scope = `libpod-${id}.scope`;
		expect(await systemd.show(scope)).toMatchObject({ ...LIMITS, Slice: 'machine.slice' });
		expect(await podman('exec', 'one', '/witness', 'read', '/proc/self/cgroup')).toContain(`/machine.slice/${scope}`);
		await podman('rm', '--force', '--time', '0', 'one');
		await noScopes(systemd, 'libpod-');
	});

	it('passes the exit code on and leaves no scope', async () => {
		const { exitCode } = await systemd.run([...words, ...run, '--rm', '--rootfs', rootfs, '/witness', 'exit', '7']);
		expect(exitCode).toBe(7);
		await noScopes(systemd, 'libpod-');
	});
});

describe.each(RUNTIMES)('docker with its systemd driver and $name', runtime => {
	let systemd: Systemd;
	let engine: Docker;
	beforeAll(async () => {
		systemd = await openSystemd();
		engine = await openDocker(runtime, systemd);
	});
	afterAll(() => systemd.close());
	const run = ['run', '--network', 'none', '--memory', '64m', '--pids-limit', '30'];

	it('runs, enters, updates and removes a container in its scope', async () => {
		expect(await engine.output(['info', '--format', '{{.CgroupDriver}}'])).toBe('systemd');
		const id = await engine.output([...run, '--detach', IMAGE]);
		const scope = `docker-${id}.scope`;
		expect(await systemd.show(scope)).toMatchObject({ ...LIMITS, Slice: 'system.slice' });
		expect(await engine.output(['exec', id, 'cat', '/proc/self/cgroup'])).toContain(scope);
		await engine.output(['update', '--pids-limit', '40', id]);
		expect((await systemd.show(scope)).TasksMax).toBe('40');
		await engine.output(['rm', '--force', id]);
		await noScopes(systemd, 'docker-');
	});

	it('passes the exit code on and leaves no scope', async () => {
		expect((await engine.docker([...run, '--rm', IMAGE, 'sh', '-c', 'exit 7'])).exitCode).toBe(7);
		await noScopes(systemd, 'docker-');
	});
});

describe.each(RUNTIMES)('containerd with SystemdCgroup and $name', runtime => {
	let systemd: Systemd;
	let engine: Containerd;
	let client: CriClient;
	beforeAll(async () => {
		systemd = await openSystemd();
		engine = await openContainerd(runtime, systemd);
		client = criClient(engine.pen.path(engine.socket));
	});
	afterAll(async () => {
		client.close();
		await systemd.close();
	});

	it('runs a container of ctr in its scope', async () => {
		const limits = ['--memory-limit', String(MEMORY)];
		const cgroup = ['--runc-systemd-cgroup', '--cgroup', 'pen.slice:ctr:one'];
		const flags = ['--runc-binary', runtime.path, ...cgroup, ...limits];
		await engine.output(['run', '--detach', ...flags, IMAGE, 'one']);
		const { TasksMax: _, ...limited } = LIMITS;
		expect(await systemd.show('ctr-one.scope')).toMatchObject({ ...limited, Slice: 'pen.slice' });
		await engine.output(['task', 'delete', '--force', 'one']);
		await noScopes(systemd, 'ctr-');
	});

	it('runs a pod and a container of it in scopes of the pod', async () => {
		const slice = 'kubepods-pod1.slice';
		const metadata = { name: 'pod', uid: 'uid', namespace: 'default' };
		const linux = { cgroup_parent: slice };
		const config = { metadata, hostname: 'pod', log_directory: '/run/pods', linux };
		const { pod_sandbox_id } = await client.call('RunPodSandbox', { config, runtime_handler: 'peer' });
		const image = { image: IMAGE };
		const resources = { memory_limit_in_bytes: String(MEMORY) };
		const container = { metadata: { name: 'one' }, image, log_path: 'one.log', linux: { resources } };
		const request = { pod_sandbox_id, config: container, sandbox_config: config };
		const { container_id } = await client.call('CreateContainer', request);
		await client.call('StartContainer', { container_id });
		const scope = (id: string): string => `cri-containerd-${id}.scope`;
		expect(await systemd.show(scope(pod_sandbox_id))).toMatchObject({ ActiveState: 'active', Slice: slice });
		const { TasksMax: _, ...limited } = LIMITS;
		expect(await systemd.show(scope(container_id))).toMatchObject({ ...limited, Slice: slice });
		const entered = { container_id, cmd: ['cat', '/proc/self/cgroup'], timeout: 20 };
		expect((await client.call('ExecSync', entered)).stdout.toString()).toContain(scope(container_id));
		await client.call('StopPodSandbox', { pod_sandbox_id });
		await client.call('RemovePodSandbox', { pod_sandbox_id });
		await noScopes(systemd, 'cri-containerd-');
	});
});
