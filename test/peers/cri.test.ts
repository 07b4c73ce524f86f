import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseWitness, type WitnessReport } from '../kernel/support/witness.ts';
import { type ContainerConfig, type CriClient, criClient, type PodSandboxConfig } from './support/cri-client.ts';
import { eventually } from './support/eventually.ts';
import { type Containerd, openContainerd } from './support/open-containerd.ts';
import { RUNTIMES } from './support/runtimes.ts';
import { expectSameView, withoutIds } from './support/same-view.ts';
import { traces } from './support/traces.ts';

const IMAGE = 'localhost/witness:latest';
const STATE_DIRECTORIES = ['/run/containerd', '/run/tsrun', '/run/runc'];
/** As a kubelet asks for, where a pod does not share its process ids. */
const OWN_PIDS = { namespace_options: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } };

describe.each(RUNTIMES)('a Kubernetes pod of containerd with $name', runtime => {
	let engine: Containerd;
	let client: CriClient;
	let count = 0;
	const call: CriClient['call'] = (name, request) => client.call(name, request);

	const sandboxConfig = (linux: Readonly<Record<string, unknown>> = {}, isOnNode = false): PodSandboxConfig => {
		const name = `pod-${++count}`;
		const security = { security_context: OWN_PIDS, ...linux };
		return {
			metadata: { name, uid: `uid-${name}`, namespace: 'default' },
			...(isOnNode ? {} : { hostname: name }),
			log_directory: `/run/pods/${name}`,
			linux: { cgroup_parent: `/kubepods/${name}`, ...security },
		};
	};
	const runPod = async (
		linux?: Readonly<Record<string, unknown>>,
		{ isOnNode = false, handler = 'peer' } = {},
	): Promise<Pod> => {
		const config = sandboxConfig(linux, isOnNode);
		const { pod_sandbox_id: id } = await call('RunPodSandbox', { config, runtime_handler: handler });
		const create = async (name: string, fields: Partial<ContainerConfig> = {}): Promise<string> => {
			const defaults = { command: ['/bin/stay'], linux: { security_context: OWN_PIDS } };
			const base = { metadata: { name }, image: { image: IMAGE }, log_path: `${name}.log`, ...defaults };
			const request = { pod_sandbox_id: id, config: { ...base, ...fields }, sandbox_config: config };
			return (await call('CreateContainer', request)).container_id;
		};
		return {
			id,
			name: config.metadata.name,
			create,
			start: async (name, fields) => {
				const container = await create(name, fields);
				await call('StartContainer', { container_id: container });
				return container;
			},
			log: name => engine.pen.output(['cat', `${config.log_directory}/${name}.log`]),
			remove: async () => {
				await call('StopPodSandbox', { pod_sandbox_id: id });
				await call('RemovePodSandbox', { pod_sandbox_id: id });
			},
		};
	};
	interface Pod {
		readonly id: string;
		readonly name: string;
		readonly create: (name: string, fields?: Partial<ContainerConfig>) => Promise<string>;
		readonly start: (name: string, fields?: Partial<ContainerConfig>) => Promise<string>;
		/** The container's log, in the format of the interface. */
		readonly log: (name: string) => Promise<string>;
		readonly remove: () => Promise<void>;
	}
	const exec = async (id: string, ...cmd: readonly string[]) => {
		const { stdout, stderr, exit_code } = await call('ExecSync', { container_id: id, cmd, timeout: 20 });
		return { stdout: stdout.toString(), stderr: stderr.toString(), exitCode: exit_code };
	};
	const witness = async (id: string) => parseWitness((await exec(id, '/witness')).stdout).report;
	const status = async (id: string) => (await call('ContainerStatus', { container_id: id })).status;

	beforeAll(async () => {
		engine = await openContainerd(runtime);
		client = criClient(engine.pen.path(engine.socket));
	});
	afterAll(async () => {
		client.close();
		await engine.pen.close();
	});

	it('is what the service is ready for', async () => {
		expect(await call('Version', {})).toMatchObject({ runtime_name: 'containerd', runtime_api_version: 'v1' });
		const { conditions } = (await call('Status', {})).status;
		expect(conditions).toEqual([
			expect.objectContaining({ type: 'RuntimeReady', status: true }),
			expect.objectContaining({ type: 'NetworkReady', status: true }),
		]);
	});

	it('is ready with an address, under the runtime class it asked for', async () => {
		const pod = await runPod();
		const { status } = await call('PodSandboxStatus', { pod_sandbox_id: pod.id });
		expect(status).toMatchObject({ state: 'SANDBOX_READY', runtime_handler: 'peer' });
		expect(status.network?.ip).toMatch(/^10\.90\.0\.\d+$/);
		await call('StopPodSandbox', { pod_sandbox_id: pod.id });
		expect((await call('PodSandboxStatus', { pod_sandbox_id: pod.id })).status.state).toBe('SANDBOX_NOTREADY');
		await call('RemovePodSandbox', { pod_sandbox_id: pod.id });
		expect(await traces(engine.pen, pod.id, STATE_DIRECTORIES)).toEqual([]);
	});

	it('is refused under a runtime class that nobody knows', async () => {
		const request = { config: sandboxConfig(), runtime_handler: 'unknown' };
		await expect(call('RunPodSandbox', request)).rejects.toThrow('no runtime for "unknown"');
	});

	it('has containers that share its network, IPC and host name, each with its own root and processes', async () => {
		const pod = await runPod();
		const [one, two] = [await pod.start('one'), await pod.start('two')];
		const [first, second] = [await witness(one), await witness(two)];
		for (const name of ['net', 'ipc', 'uts'] as const)
			expect(first.namespaces[name], name).toBe(second.namespaces[name]);
		for (const name of ['mnt', 'pid'] as const) expect(first.namespaces[name], name).not.toBe(second.namespaces[name]);
		expect(first.namespaces.net).not.toBe(await engine.pen.output(['readlink', '/proc/1/ns/net']));
		expect(first.hostname).toBe(pod.name);
		expect(
			(await exec(one, 'sh', '-c', 'echo hello | nc -l -p 80 >/dev/null & sleep 0.2; nc 127.0.0.1 80')).stdout,
		).toBe('hello\n');
		await pod.remove();
		expect(await traces(engine.pen, one, STATE_DIRECTORIES)).toEqual([]);
	});

	it.each([
		['by default', {}],
		['as another user', { run_as_user: { value: 1000 }, seccomp: { profile_type: 'RuntimeDefault' } }],
	])('looks, from a container, as it does under runc: %s', async (_, security) => {
		const under = async (handler: string): Promise<WitnessReport> => {
			const pod = await runPod(undefined, { handler });
			const container = await pod.create('viewer', {
				command: ['/witness'],
				linux: { security_context: { ...OWN_PIDS, ...security } },
			});
			await call('StartContainer', { container_id: container });
			await eventually(
				() => status(container),
				({ state }) => state === 'CONTAINER_EXITED',
			);
			const text = (await pod.log('viewer')).replaceAll(/^\S+ stdout F /gm, '').replaceAll(pod.name, 'POD');
			await pod.remove();
			return withoutIds(parseWitness(text).report);
		};
		expectSameView(await under('peer'), await under('runc'));
	});

	it('shares its process ids where it is told to', async () => {
		const shared = { namespace_options: { network: 'POD', pid: 'POD', ipc: 'POD' } };
		const pod = await runPod({ security_context: shared });
		const one = await pod.start('one', { linux: { security_context: shared } });
		const two = await pod.start('two', { linux: { security_context: shared } });
		expect((await witness(one)).namespaces.pid).toBe((await witness(two)).namespaces.pid);
		expect((await exec(two, 'ps', '-o', 'args')).stdout.match(/\/bin\/sh \/bin\/stay/g)).toHaveLength(3);
		await pod.remove();
	});

	it('has the network of the node where it is told to', async () => {
		const node = { namespace_options: { network: 'NODE', pid: 'CONTAINER', ipc: 'NODE' } };
		const pod = await runPod({ security_context: node }, { isOnNode: true });
		const container = await pod.start('one', { linux: { security_context: node } });
		const { namespaces } = await witness(container);
		for (const name of ['net', 'ipc'] as const)
			expect(namespaces[name]).toBe(await engine.pen.output(['readlink', `/proc/1/ns/${name}`]));
		await pod.remove();
	});

	it('has containers with the security context they ask for', async () => {
		const pod = await runPod({ security_context: { ...OWN_PIDS, seccomp: { profile_type: 'RuntimeDefault' } } });
		const container = await pod.start('guarded', {
			working_dir: '/tmp',
			envs: [{ key: 'A', value: 'b' }],
			linux: {
				resources: { oom_score_adj: 900 },
				security_context: {
					...OWN_PIDS,
					run_as_user: { value: 1000 },
					run_as_group: { value: 1000 },
					supplemental_groups: [3000],
					readonly_rootfs: true,
					no_new_privs: true,
					capabilities: { drop_capabilities: ['ALL'], add_capabilities: ['NET_BIND_SERVICE'] },
					seccomp: { profile_type: 'RuntimeDefault' },
					masked_paths: ['/proc/kcore', '/proc/acpi'],
					readonly_paths: ['/proc/sys'],
				},
			},
		});
		const report = await witness(container);
		expect(report).toMatchObject({ uids: [1000, 1000, 1000], gids: [1000, 1000, 1000], cwd: '/tmp', noNewPrivs: 1 });
		expect(report).toMatchObject({ seccomp: 2, oomScoreAdj: 900 });
		expect(report.groups).toContain(3000);
		expect(report.env).toContain('A=b');
		expect(report.capabilities.bounding).toBe('0000000000000400');
		expect(report.mounts.some(line => / \/ ro,/.test(line))).toBe(true);
		expect(report.mounts.some(line => / \/proc\/sys ro,/.test(line))).toBe(true);
		await pod.remove();
	});

	it('has privileged containers where it is privileged, as far as the node has rights', async () => {
		const pod = await runPod({ security_context: { ...OWN_PIDS, privileged: true } });
		const create = pod.start('mighty', { linux: { security_context: { ...OWN_PIDS, privileged: true } } });
		// containerd asks for all that the daemon has.
		const report = await witness(await create);
		expect(report.seccomp).toBe(0);
		expect(report.dev.map(({ path }) => path)).toContain('/dev/loop-control');
		await pod.remove();
	});

	it('has volumes, and limits that reach the cgroup of its parent and can be changed', async () => {
		const pod = await runPod({ sysctls: { 'net.ipv4.ip_forward': '1' } });
		await engine.pen.output(['sh', '-c', 'mkdir -p /run/volume; echo from outside > /run/volume/file']);
		const container = await pod.start('limited', {
			mounts: [{ container_path: '/volume', host_path: '/run/volume', readonly: true }],
			linux: {
				resources: { memory_limit_in_bytes: 64 << 20, cpu_period: 100_000, cpu_quota: 50_000 },
				security_context: OWN_PIDS,
			},
		});
		const script = 'cat /volume/file; touch /volume/x 2>/dev/null || echo refused; cat /proc/sys/net/ipv4/ip_forward';
		expect((await exec(container, 'sh', '-c', script)).stdout).toBe('from outside\nrefused\n1\n');
		const limit = (): Promise<string> => {
			const names = '\\( -name memory.limit_in_bytes -o -name memory.max \\)';
			return engine.pen.output([
				'sh',
				'-c',
				`find /sys/fs/cgroup -path '*kubepods/${pod.name}/*${container}/*' ${names} -exec cat {} +`,
			]);
		};
		expect(await limit()).toBe(String(64 << 20));
		await call('UpdateContainerResources', { container_id: container, linux: { memory_limit_in_bytes: 96 << 20 } });
		expect(await limit()).toBe(String(96 << 20));
		const { stats } = await call('ContainerStats', { container_id: container });
		expect(Number(stats.memory.working_set_bytes.value)).toBeGreaterThan(10_000);
		expect(Number(stats.cpu.usage_core_nano_seconds.value)).toBeGreaterThan(0);
		await pod.remove();
	});

	describe('a container', () => {
		let pod: Pod;
		beforeAll(async () => {
			pod = await runPod();
		});

		it('is created, started, and ends with its exit code', async () => {
			const container = await pod.create('brief', { command: ['sh', '-c', 'echo out; echo problem >&2; exit 7'] });
			expect((await status(container)).state).toBe('CONTAINER_CREATED');
			await call('StartContainer', { container_id: container });
			const ended = await eventually(
				() => status(container),
				({ state }) => state === 'CONTAINER_EXITED',
			);
			expect(ended).toMatchObject({ exit_code: 7, reason: 'Error' });
			const lines = (await pod.log('brief')).split('\n').map(line => line.split(' ').slice(1).join(' '));
			expect(lines.toSorted()).toEqual(['stderr F problem', 'stdout F out']);
			await call('RemoveContainer', { container_id: container });
			expect(await traces(engine.pen, container, STATE_DIRECTORIES)).toEqual([]);
		});

		it('runs commands beside its program: exit code, streams, words of the runtime', async () => {
			const container = await pod.start('host');
			expect(await exec(container, 'sh', '-c', 'echo out; echo problem >&2; exit 5')).toEqual({
				stdout: 'out\n',
				stderr: 'problem\n',
				exitCode: 5,
			});
			await expect(exec(container, 'absent')).rejects.toThrow('executable file not found in $PATH');
			const slow = call('ExecSync', { container_id: container, cmd: ['sleep', '100'], timeout: 1 });
			await expect(slow).rejects.toThrow(/timeout 1s exceeded/);
			await call('RemoveContainer', { container_id: container });
		});

		it('that cannot start says why', async () => {
			const container = await pod.create('absent', { command: ['absent'] });
			const words = /failed to create containerd task: .*"absent": executable file not found in \$PATH/;
			await expect(call('StartContainer', { container_id: container })).rejects.toThrow(words);
			expect(await status(container)).toMatchObject({
				state: 'CONTAINER_EXITED',
				exit_code: 128,
				reason: 'StartError',
			});
			await call('RemoveContainer', { container_id: container });
		});

		it('is stopped, with its own exit code or, after the time it has, with 137', async () => {
			const [kind, deaf] = [await pod.start('kind'), await pod.start('deaf', { command: ['sleep', '1000'] })];
			await eventually(
				() => pod.log('kind'),
				text => text.includes('up'),
			);
			await call('StopContainer', { container_id: kind, timeout: 20 });
			expect(await status(kind)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 3 });
			await call('StopContainer', { container_id: deaf, timeout: 1 });
			expect(await status(deaf)).toMatchObject({ state: 'CONTAINER_EXITED', exit_code: 137 });
		});

		it('that needs too much memory is said to', async () => {
			const linux = { resources: { memory_limit_in_bytes: 16 << 20 }, security_context: OWN_PIDS };
			const greedy = await pod.start('greedy', { command: ['sh', '-c', 'x=a; while :; do x=$x$x; done'], linux });
			const ended = await eventually(
				() => status(greedy),
				({ state }) => state === 'CONTAINER_EXITED',
			);
			expect(ended.exit_code).toBe(137);
			await eventually(
				() => status(greedy),
				({ reason }) => reason === 'OOMKilled',
			);
		});

		it('goes with its pod', async () => {
			const [one, two] = [await pod.start('first'), await pod.create('second')];
			await pod.remove();
			for (const id of [one, two]) {
				await expect(status(id)).rejects.toThrow(/not found/);
				expect(await traces(engine.pen, id, STATE_DIRECTORIES)).toEqual([]);
			}
		});
	});

	it('nothing is left when all is done', async () => {
		expect(await engine.output(['-n', 'k8s.io', 'container', 'ls', '-q'])).toBe('');
		expect(engine.pen.cgroups().filter(path => /[0-9a-f]{64}/.test(path))).toEqual([]);
		expect(await engine.pen.output(['sh', '-c', 'ls /run/netns'])).toBe('');
	});
});
