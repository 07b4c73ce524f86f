import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTerminal } from '../kernel/support/in-terminal.ts';
import { parseWitness, type WitnessReport } from '../kernel/support/witness.ts';
import { eventually } from './support/eventually.ts';
import { openPodman, type Podman } from './support/open-podman.ts';
import { RUNC, RUNTIMES } from './support/runtimes.ts';
import { expectSameView, withoutIds } from './support/same-view.ts';
import { traces } from './support/traces.ts';
import { untilSized } from './support/until-sized.ts';

const IMAGE = 'localhost/witness:latest';
const STATE_DIRECTORIES = ['/run/runc', '/run/tsrun'];

describe.each(RUNTIMES)('podman with $name', runtime => {
	let engine: Podman;
	const podman: Podman['podman'] = (words, options) => engine.podman(words, options);
	const output: Podman['output'] = (words, options) => engine.output(words, options);
	const inspect = (container: string, format: string): Promise<string> => output(['inspect', '-f', format, container]);
	const inTty = (words: readonly string[]) =>
		inTerminal(engine.pen.words(engine.command(words)), { rows: 31, columns: 97 });
	const witness = async (flags: readonly string[]): Promise<WitnessReport> =>
		parseWitness(await output(['run', '--rm', ...flags, IMAGE, '/witness'])).report;
	/** Starts `stay` and waits for its first line. */
	const stay = async (name: string, flags: readonly string[] = []): Promise<string> => {
		const id = await output(['run', '-d', '--name', name, ...flags, IMAGE]);
		await eventually(
			() => output(['logs', name]),
			text => text.startsWith('up'),
		);
		return id;
	};

	beforeAll(async () => {
		engine = await openPodman(runtime);
	});
	afterAll(() => engine.pen.close());

	describe('run', () => {
		it.each([
			['of the program', ['sh', '-c', 'exit 7'], 7],
			['0', ['true'], 0],
			['127 where the program is not in PATH', ['absent'], 127],
			['127 where the file is not there', ['/bin/absent'], 127],
			['126 where the program has no x permission', ['/bin/nothing'], 126],
			['126 where the program is a directory', ['/bin'], 126],
		])('ends with the exit code %s', async (_, command, exitCode) => {
			expect((await podman(['run', '--rm', IMAGE, ...command])).exitCode).toBe(exitCode);
		});

		it('ends with 125 where podman itself refuses', async () => {
			expect((await podman(['run', '--rm', '--no-such-flag', IMAGE, 'true'])).exitCode).toBe(125);
		});

		it('keeps stdout, stderr and stdin apart, whatever bytes they carry', async () => {
			const script = 'cat; echo problem >&2';
			const result = await podman(['run', '--rm', '-i', IMAGE, 'sh', '-c', script], { input: 'a\u0000ü\n' });
			expect(result).toEqual({ exitCode: 0, stdout: 'a\u0000ü', stderr: 'problem' });
		});

		it('gives a terminal of the size of the window, and resizes it', async () => {
			const terminal = inTty([
				'run',
				'--rm',
				'-it',
				IMAGE,
				'sh',
				'-c',
				`${untilSized(31, 97)}; read x; ${untilSized(20, 50)}; exit 4`,
			]);
			await terminal.shows(/31 97/);
			terminal.resize(20, 50);
			terminal.type('\n');
			await terminal.shows(/20 50/);
			expect(await terminal.end).toMatchObject({ exitCode: 4 });
		});

		it('passes descriptors on', async () => {
			const words = engine.command(['run', '--rm', '--preserve-fds', '1', IMAGE, 'sh', '-c', 'cat <&3']);
			expect(await engine.pen.output(['sh', '-c', 'exec 3<<E\ncarried\nE\n"$@"', 'sh', ...words])).toBe('carried');
		});

		it('leaves nothing of the container', async () => {
			const name = 'brief';
			const id = await output(['create', '--name', name, IMAGE, 'true']);
			expect((await podman(['start', '--attach', name])).exitCode).toBe(0);
			await output(['rm', name]);
			expect(await traces(engine.pen, id, STATE_DIRECTORIES)).toEqual([]);
		});
	});

	describe('what podman asks for is what a process sees', () => {
		it.each([
			['by default', []],
			['privileged', ['--privileged']],
			['with a user namespace', ['--uidmap', '0:100000:65536', '--gidmap', '0:100000:65536', '--user', 'guest']],
		])('all that it sees under runc: %s', async (_, flags) => {
			const under = async (path: string): Promise<WitnessReport> => {
				const words = ['podman', '--runtime', path, 'run', '--rm', ...flags, IMAGE, '/witness'];
				return withoutIds(parseWitness(await engine.pen.output(words)).report);
			};
			expectSameView(await under(runtime.path), await under(RUNC.path));
		});

		it('user, capabilities, working directory, environment, hostname, read-only root', async () => {
			const flags = ['--user', 'guest', '--cap-drop', 'all', '--cap-add', 'net_raw', '-w', '/tmp', '-e', 'A=b'];
			const report = await witness([
				...flags,
				'--hostname',
				'named',
				'--read-only',
				'--read-only-tmpfs=false',
				'--security-opt',
				'no-new-privileges',
			]);
			expect(report).toMatchObject({
				uids: [1000, 1000, 1000],
				cwd: '/tmp',
				hostname: 'named',
				noNewPrivs: 1,
				seccomp: 2,
			});
			expect(report.groups).toContain(2000);
			expect(report.env).toContain('A=b');
			expect(report.capabilities).toMatchObject({ bounding: '0000000000002000', effective: '0000000000002000' });
			expect(report.mounts.some(line => / \/ \/ ro,| \S+ \/ ro,/.test(line))).toBe(true);
		});

		it('a user namespace with the ids it maps', async () => {
			const report = await witness(['--uidmap', '0:100000:65536', '--gidmap', '0:200000:65536']);
			expect(report.uidMap.map(line => line.trim().split(/ +/))).toEqual([['0', '100000', '65536']]);
			expect(report.gidMap.map(line => line.trim().split(/ +/))).toEqual([['0', '200000', '65536']]);
			expect(report.uids).toEqual([0, 0, 0]);
		});

		it('a user namespace with ids that podman chooses', async () => {
			await engine.pen.output(['sh', '-c', 'echo containers:500000:131072 | tee /etc/subuid > /etc/subgid']);
			const { uidMap } = await witness(['--userns', 'auto:size=65536']);
			expect(uidMap.map(line => line.trim().split(/ +/))).toEqual([['0', '500000', '65536']]);
		});

		it('namespaces of the machine and of another container', async () => {
			await stay('lender');
			const [own, lent, shared] = await Promise.all([
				witness([]),
				witness(['--network', 'container:lender', '--ipc', 'container:lender', '--pid', 'container:lender']),
				witness(['--network', 'host', '--uts', 'host', '--pid', 'host', '--ipc', 'host']),
			]);
			const pid = await inspect('lender', '{{.State.Pid}}');
			const outside = async (process: string, name: string): Promise<string> =>
				engine.pen.output(['readlink', `/proc/${process}/ns/${name}`]);
			for (const name of ['net', 'ipc', 'pid'] as const) {
				expect(lent.namespaces[name], name).toBe(await outside(pid, name));
				expect(shared.namespaces[name], name).toBe(await outside('1', name));
				expect(own.namespaces[name], name).not.toBe(await outside(pid, name));
			}
			expect(shared.namespaces.uts).toBe(await outside('1', 'uts'));
			await output(['rm', '-f', '-t', '0', 'lender']);
		});

		it('volumes, tmpfs, devices and sysctls', async () => {
			await engine.pen.output(['sh', '-c', 'mkdir -p /run/shared; echo from outside > /run/shared/file']);
			const flags = [
				'-v',
				'/run/shared:/shared',
				'-v',
				'kept:/kept',
				'--tmpfs',
				'/scratch:size=1m,notmpcopyup',
				'--device',
				'/dev/loop-control',
			];
			const script =
				'cat /shared/file; touch /kept/made /scratch/x; stat -c %F /dev/loop-control; cat /proc/sys/net/ipv4/ip_forward';
			const sysctls = ['--sysctl', 'net.ipv4.ip_forward=1'];
			const lines = await output(['run', '--rm', ...flags, ...sysctls, IMAGE, 'sh', '-c', script]);
			expect(lines.split('\n')).toEqual(['from outside', 'character special file', '1']);
			expect(await output(['run', '--rm', '-v', 'kept:/kept', IMAGE, 'ls', '/kept'])).toBe('made');
		});

		it('all of it where it is privileged', async () => {
			const report = await witness(['--privileged']);
			const [all] = (await engine.pen.output(['grep', 'CapBnd', '/proc/1/status'])).split('\t').slice(1);
			expect(report.capabilities.effective).toBe(all);
			expect(report.seccomp).toBe(0);
		});
	});

	describe('a container that goes on', () => {
		let id = '';
		beforeAll(async () => {
			id = await stay('long');
		});
		afterAll(() => podman(['rm', '-f', '-t', '0', 'long']));

		it('is running, under this runtime, with the pid that the machine has', async () => {
			const [running, path, pid] = (await inspect('long', '{{.State.Running}} {{.OCIRuntime}} {{.State.Pid}}')).split(
				' ',
			);
			expect([running, path]).toEqual(['true', runtime.path]);
			expect(await engine.pen.output(['cat', `/proc/${pid}/cgroup`])).toContain(id);
		});

		it.each([
			['of the program', ['sh', '-c', 'exit 5'], 5],
			['127 where the program is not there', ['absent'], 127],
			['126 where the program has no x permission', ['/bin/nothing'], 126],
		])('exec ends with the exit code %s', async (_, command, exitCode) => {
			expect((await podman(['exec', 'long', ...command])).exitCode).toBe(exitCode);
		});

		it('exec joins it, as whom and where it was told, with the streams apart', async () => {
			const flags = ['-i', '--user', 'guest', '--workdir', '/tmp', '--env', 'B=c'];
			const script = 'id -u; pwd; echo $B; cat; echo problem >&2';
			const result = await podman(['exec', ...flags, 'long', 'sh', '-c', script], { input: 'typed' });
			expect(result).toEqual({ exitCode: 0, stdout: '1000\n/tmp\nc\ntyped', stderr: 'problem' });
			const report = parseWitness(await output(['exec', 'long', '/witness'])).report;
			const pid = await inspect('long', '{{.State.Pid}}');
			for (const name of ['pid', 'net', 'mnt', 'uts', 'ipc'] as const)
				expect(report.namespaces[name]).toBe(await engine.pen.output(['readlink', `/proc/${pid}/ns/${name}`]));
		});

		it('exec has a terminal', async () => {
			const terminal = inTty([
				'exec',
				'-it',
				'long',
				'sh',
				'-c',
				`${untilSized(31, 97)}; read line; echo "[$line]"; exit 6`,
			]);
			await terminal.shows(/31 97/);
			terminal.type('words\n');
			await terminal.shows(/\[words\]/);
			expect(await terminal.end).toMatchObject({ exitCode: 6 });
		});

		it('stands still while it is paused', async () => {
			await output(['pause', 'long']);
			expect(await inspect('long', '{{.State.Status}}')).toBe('paused');
			expect((await podman(['exec', 'long', 'true'])).exitCode).not.toBe(0);
			await output(['unpause', 'long']);
			expect(await inspect('long', '{{.State.Status}}')).toBe('running');
			expect(await output(['exec', 'long', 'echo', 'moves'])).toBe('moves');
		});

		it('is measured', async () => {
			const [stats] = JSON.parse(await output(['stats', '--no-stream', '--format', 'json', 'long'])) as [
				Record<string, string>,
			];
			expect(stats).toMatchObject({ name: 'long', pids: '2' });
			expect(stats?.mem_usage).toMatch(/^\d.*[kM]B \/ /);
			expect(await output(['top', 'long', 'pid', 'args'])).toMatch(/^1 +\/bin\/sh \/bin\/stay/m);
		});

		it('gets files, and gives them', async () => {
			await engine.pen.output(['sh', '-c', 'echo carried > /run/carried']);
			await output(['cp', '/run/carried', 'long:/tmp/carried']);
			expect(await output(['exec', 'long', 'cat', '/tmp/carried'])).toBe('carried');
			await output(['exec', 'long', 'sh', '-c', 'echo back > /tmp/back']);
			await output(['cp', 'long:/tmp/back', '/run/back']);
			expect(await engine.pen.output(['cat', '/run/back'])).toBe('back');
		});

		it('gets a signal', async () => {
			await output(['kill', '--signal', 'USR1', 'long']);
			await eventually(
				() => output(['logs', 'long']),
				text => text === 'up\nuser signal',
			);
		});

		it('is stopped with its own exit code, and started again', async () => {
			await output(['stop', 'long']);
			expect(await inspect('long', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 3');
			await output(['start', 'long']);
			expect(await inspect('long', '{{.State.Status}}')).toBe('running');
			await output(['restart', '-t', '5', 'long']);
			expect(await inspect('long', '{{.State.Status}}')).toBe('running');
		});

		it('ends with 137 where it is killed', async () => {
			await output(['kill', 'long']);
			expect(await output(['wait', 'long'])).toBe('137');
		});

		it('leaves nothing when it is removed', async () => {
			await output(['start', 'long']);
			await output(['rm', '-f', '-t', '0', 'long']);
			expect(await traces(engine.pen, id, STATE_DIRECTORIES)).toEqual([]);
		});
	});

	it('a container is created, then started', async () => {
		await output(['create', '--name', 'early', IMAGE, 'echo', 'started']);
		await output(['init', 'early']);
		expect(await inspect('early', '{{.State.Status}}')).toBe('initialized');
		expect(await output(['logs', 'early'])).toBe('');
		expect(await output(['start', '--attach', 'early'])).toBe('started');
		await output(['rm', 'early']);
	});

	it('a created container is removed without having been started', async () => {
		const id = await output(['create', '--name', 'never', IMAGE]);
		await output(['init', 'never']);
		await output(['rm', '-f', '-t', '0', 'never']);
		expect(await traces(engine.pen, id, STATE_DIRECTORIES)).toEqual([]);
	});

	it('stop kills after its time where the program ignores the signal', async () => {
		await output(['run', '-d', '--name', 'deaf', IMAGE, 'sleep', '1000']);
		await podman(['stop', '-t', '1', 'deaf']);
		expect(await inspect('deaf', '{{.State.ExitCode}}')).toBe('137');
		await output(['rm', 'deaf']);
	});

	it('limits reach the cgroup, and others do while it runs', async () => {
		const id = await stay('limited', ['--memory', '64m', '--pids-limit', '33', '--cpus', '0.5']);
		const read = async (...files: readonly string[]): Promise<string> => {
			const names = files.map(file => `-name ${file}`).join(' -o ');
			return engine.pen.output(['sh', '-c', `find /sys/fs/cgroup -path '*${id}*' \\( ${names} \\) -exec cat {} +`]);
		};
		expect(await read('memory.limit_in_bytes', 'memory.max')).toBe(String(64 << 20));
		expect(await read('pids.max')).toBe('33');
		expect(await read('cpu.cfs_quota_us', 'cpu.max')).toMatch(/^50000/);
		await output(['update', '--memory', '96m', '--cpus', '0.25', 'limited']);
		expect(await read('memory.limit_in_bytes', 'memory.max')).toBe(String(96 << 20));
		expect(await read('cpu.cfs_quota_us', 'cpu.max')).toMatch(/^25000/);
		await output(['rm', '-f', '-t', '0', 'limited']);
	});

	it('hooks run at their points, with the state on stdin', async () => {
		const script = [
			'mkdir -p /run/hooks.d',
			`printf '#!/bin/sh\\ncat > /run/hook-$1.json\\n' > /run/hook.sh; chmod 755 /run/hook.sh`,
			...['prestart', 'createRuntime', 'poststart', 'poststop'].map(
				stage =>
					`echo '{"version":"1.0.0","hook":{"path":"/run/hook.sh","args":["hook","${stage}"]},"when":{"always":true},"stages":["${stage}"]}' > /run/hooks.d/${stage}.json`,
			),
		].join('\n');
		await engine.pen.output(['sh', '-c', script]);
		const id = await output(['create', IMAGE, 'true']);
		await output(['rm', id]);
		const command = [
			'podman',
			'--runtime',
			runtime.path,
			'--hooks-dir',
			'/run/hooks.d',
			'run',
			'--rm',
			'--name',
			'hooked',
			IMAGE,
			'true',
		];
		expect((await engine.pen.run(command)).exitCode).toBe(0);
		for (const stage of ['prestart', 'createRuntime', 'poststart', 'poststop']) {
			const state = JSON.parse(await engine.pen.output(['cat', `/run/hook-${stage}.json`])) as Record<string, unknown>;
			expect(state, stage).toMatchObject({
				ociVersion: expect.any(String),
				id: expect.stringMatching(/^[0-9a-f]{64}$/),
			});
		}
	});

	it('a health check runs in the container', async () => {
		const flags = ['--health-interval', 'disable', '--health-cmd', 'test -e /tmp/healthy'];
		await stay('patient', flags);
		expect((await podman(['healthcheck', 'run', 'patient'])).exitCode).toBe(1);
		await output(['exec', 'patient', 'touch', '/tmp/healthy']);
		expect((await podman(['healthcheck', 'run', 'patient'])).exitCode).toBe(0);
		await output(['rm', '-f', '-t', '0', 'patient']);
	});

	it('containers of one network reach each other', async () => {
		await output(['network', 'create', '--disable-dns', '--subnet', '10.89.7.0/24', 'between']);
		await output([
			'run',
			'-d',
			'--name',
			'server',
			'--network',
			'between',
			'--ip',
			'10.89.7.9',
			IMAGE,
			'sh',
			'-c',
			'while echo hello | nc -l -p 80; do :; done',
		]);
		const client = ['run', '--rm', '--network', 'between', IMAGE, 'sh', '-c', 'nc 10.89.7.9 80 </dev/null'];
		expect(
			await eventually(
				() => podman(client).then(({ stdout }) => stdout),
				text => text !== '',
			),
		).toBe('hello');
		await output(['rm', '-f', '-t', '0', 'server']);
	});

	describe('pods', () => {
		it('share their network, IPC and host name, and the pids where they are told to', async () => {
			await output(['pod', 'create', '--name', 'pod', '--network', 'none', '--share', 'net,ipc,uts,pid']);
			await output(['run', '-d', '--pod', 'pod', '--name', 'one', IMAGE]);
			const two = parseWitness(await output(['run', '--rm', '--pod', 'pod', IMAGE, '/witness'])).report;
			const pid = await inspect('one', '{{.State.Pid}}');
			for (const name of ['net', 'ipc', 'uts', 'pid'] as const)
				expect(two.namespaces[name], name).toBe(await engine.pen.output(['readlink', `/proc/${pid}/ns/${name}`]));
			expect(two.namespaces.mnt).not.toBe(await engine.pen.output(['readlink', `/proc/${pid}/ns/mnt`]));
			await output(['pod', 'stop', '-t', '5', 'pod']);
			expect(await output(['pod', 'inspect', 'pod', '--format', '{{.State}}'])).toBe('Exited');
			await output(['pod', 'start', 'pod']);
			await output(['pod', 'rm', '-f', '-t', '0', 'pod']);
			expect(await output(['ps', '-a', '--format', '{{.Names}}'])).not.toMatch(/^(one|played)/m);
		});

		it('come from a Kubernetes manifest, and go with it', async () => {
			const manifest = {
				apiVersion: 'v1',
				kind: 'Pod',
				metadata: { name: 'played' },
				spec: {
					containers: [
						{ name: 'web', image: IMAGE, command: ['/bin/stay'], securityContext: { runAsUser: 1000 } },
						{ name: 'side', image: IMAGE, command: ['/bin/stay'], resources: { limits: { memory: '64Mi' } } },
					],
				},
			};
			await output(['play', 'kube', '--network', 'none', '-'], { input: JSON.stringify(manifest) });
			expect(await output(['exec', 'played-web', 'id', '-u'])).toBe('1000');
			expect(await inspect('played-side', '{{.State.Status}}')).toBe('running');
			await output(['play', 'kube', '--down', '-'], { input: JSON.stringify(manifest) });
			expect(await output(['ps', '-a', '--format', '{{.Names}}'])).not.toMatch(/^(one|played)/m);
		});
	});

	it('many commands at once in one container are as many results', async () => {
		await stay('busy');
		const codes = Array.from({ length: 8 }, (_, index) => index + 20);
		const exec = (code: number) => podman(['exec', 'busy', 'sh', '-c', `echo ${code}; exit ${code}`]);
		const results = await Promise.all(codes.map(exec));
		expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(codes.map(code => [code, String(code)]));
		await output(['rm', '-f', '-t', '0', 'busy']);
	});

	it('nothing is left when all is done', async () => {
		await output(['rm', '-f', '-t', '0', '-a']);
		const state = await engine.pen.output(['sh', '-c', `ls ${STATE_DIRECTORIES.join(' ')} 2>/dev/null; true`]);
		expect(state.split('\n').filter(line => /^[0-9a-f]{64}$/.test(line))).toEqual([]);
		expect(engine.pen.cgroups().filter(path => /libpod-[0-9a-f]{64}/.test(path))).toEqual([]);
	});
});
