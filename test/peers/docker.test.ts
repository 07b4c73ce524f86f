import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTerminal } from '../kernel/support/in-terminal.ts';
import { parseWitness, type WitnessReport } from '../kernel/support/witness.ts';
import { eventually } from './support/eventually.ts';
import { type Docker, openDocker } from './support/open-docker.ts';
import { RUNTIMES } from './support/runtimes.ts';
import { expectSameView, withoutIds } from './support/same-view.ts';
import { traces } from './support/traces.ts';
import { untilSized } from './support/until-sized.ts';

const IMAGE = 'localhost/witness:latest';
const STATE_DIRECTORIES = ['/run/docker', '/run/tsrun', '/run/runc'];
/** Most containers here need no network, and start faster without. */
const RUN = ['run', '--network', 'none'];

describe.each(RUNTIMES)('docker with $name', runtime => {
	let engine: Docker;
	const docker: Docker['docker'] = (words, options) => engine.docker(words, options);
	const output: Docker['output'] = (words, options) => engine.output(words, options);
	const inspect = (container: string, format: string): Promise<string> => output(['inspect', '-f', format, container]);
	const inTty = (words: readonly string[]) =>
		inTerminal(engine.pen.words(engine.command(words)), { rows: 31, columns: 97 });
	const witness = async (flags: readonly string[]): Promise<WitnessReport> =>
		parseWitness(await output([...RUN, '--rm', ...flags, IMAGE, '/witness'])).report;
	const stay = async (name: string, flags: readonly string[] = []): Promise<string> => {
		const id = await output([...RUN, '-d', '--name', name, ...flags, IMAGE]);
		await eventually(
			() => output(['logs', name]),
			text => text.startsWith('up'),
		);
		return id;
	};
	const readCgroup = (id: string, files: readonly string[]): Promise<string> => {
		const names = files.map(file => `-name ${file}`).join(' -o ');
		return engine.pen.output(['sh', '-c', `find /sys/fs/cgroup -path '*${id}*' \\( ${names} \\) -exec cat {} +`]);
	};

	beforeAll(async () => {
		engine = await openDocker(runtime);
	});
	afterAll(() => engine.pen.close());

	it('knows the runtime', async () => {
		expect(await output(['info', '-f', '{{.DefaultRuntime}} {{json .Runtimes.peer.Path}}'])).toBe(
			`peer "${runtime.path}"`,
		);
	});

	describe('run', () => {
		it.each([
			['of the program', ['sh', '-c', 'exit 7'], 7],
			['0', ['true'], 0],
			['127 where the program is not in PATH', ['absent'], 127],
			['127 where the file is not there', ['/bin/absent'], 127],
			['126 where the program has no x permission', ['/bin/nothing'], 126],
			['126 where the program is a directory', ['/bin'], 126],
		])('ends with the exit code %s', async (_, command, exitCode) => {
			expect((await docker([...RUN, '--rm', IMAGE, ...command])).exitCode).toBe(exitCode);
		});

		it('says what is wrong with a volume on a file', async () => {
			const { exitCode, stderr } = await docker([...RUN, '--rm', '-v', '/etc:/bin/nothing', IMAGE, 'true']);
			expect(exitCode).toBe(125);
			expect(stderr).toContain('Are you trying to mount a directory onto a file');
		});

		it('keeps stdout, stderr and stdin apart, whatever bytes they carry', async () => {
			const script = 'cat; echo problem >&2';
			const result = await docker([...RUN, '--rm', '-i', IMAGE, 'sh', '-c', script], { input: 'a\u0000ü\n' });
			expect(result).toEqual({ exitCode: 0, stdout: 'a\u0000ü', stderr: 'problem' });
		});

		it('gives a terminal of the size of the window, and resizes it', async () => {
			const script = `${untilSized(31, 97)}; read x; ${untilSized(20, 50)}; exit 4`;
			const terminal = inTty([...RUN, '--rm', '-it', IMAGE, 'sh', '-c', script]);
			await terminal.shows(/31 97/);
			terminal.resize(20, 50);
			terminal.type('\n');
			await terminal.shows(/20 50/);
			expect(await terminal.end).toMatchObject({ exitCode: 4 });
		});

		it('puts an init before the program where it is asked to', async () => {
			expect(await output([...RUN, '--rm', '--init', IMAGE, 'ps', '-o', 'pid,args'])).toMatch(
				/ 1 \/sbin\/docker-init -- ps/,
			);
		});

		it('restarts a program that fails, as often as it was told', async () => {
			await output([
				...RUN,
				'-d',
				'--name',
				'failing',
				'--restart',
				'on-failure:2',
				IMAGE,
				'sh',
				'-c',
				'echo try; exit 1',
			]);
			await eventually(
				() => inspect('failing', '{{.State.Status}} {{.RestartCount}}'),
				text => text === 'exited 2',
			);
			expect(await output(['logs', 'failing'])).toBe('try\ntry\ntry');
			await output(['rm', 'failing']);
		});

		it('tells of a program that needed too much memory', async () => {
			const flags = ['--memory', '16m', '--memory-swap', '16m', '--name', 'greedy'];
			const script = 'x=a; while :; do x=$x$x; done';
			expect((await docker([...RUN, ...flags, IMAGE, 'sh', '-c', script])).exitCode).toBe(137);
			await eventually(
				() => inspect('greedy', '{{.State.OOMKilled}}'),
				text => text === 'true',
			);
			await output(['rm', 'greedy']);
		});
	});

	describe('what docker asks for is what a process sees', () => {
		it.each([
			['by default', []],
			['with limits and fewer rights', ['--memory', '64m', '--user', 'guest', '--cap-drop', 'net_raw', '--read-only']],
		])('all that it sees under runc: %s', async (_, flags) => {
			const under = async (name: string): Promise<WitnessReport> =>
				withoutIds(await witness(['--runtime', name, ...flags]));
			expectSameView(await under('peer'), await under('runc'));
		});

		it('user, groups, capabilities, working directory, environment, hostname, read-only root', async () => {
			const flags = ['--user', 'guest', '--cap-drop', 'all', '--cap-add', 'net_raw', '-w', '/tmp', '-e', 'A=b'];
			const more = ['--hostname', 'named', '--read-only', '--security-opt', 'no-new-privileges', '--group-add', '3000'];
			const report = await witness([...flags, ...more]);
			expect(report).toMatchObject({
				uids: [1000, 1000, 1000],
				cwd: '/tmp',
				hostname: 'named',
				noNewPrivs: 1,
				seccomp: 2,
			});
			expect(report.groups).toEqual(expect.arrayContaining([2000, 3000]));
			expect(report.env).toContain('A=b');
			expect(report.capabilities).toMatchObject({ bounding: '0000000000002000', inheritable: '0000000000000000' });
			expect(report.mounts.some(line => / \/ ro,/.test(line))).toBe(true);
		});

		it('volumes, tmpfs, devices, sysctls and limits', async () => {
			await engine.pen.output(['sh', '-c', 'mkdir -p /run/shared; echo from outside > /run/shared/file']);
			const flags = ['-v', '/run/shared:/shared:ro', '-v', 'kept:/kept', '--tmpfs', '/scratch:size=1m'];
			const more = ['--device', '/dev/loop-control', '--sysctl', 'net.ipv4.ip_forward=1', '--ulimit', 'nofile=50:60'];
			const script = `cat /shared/file; touch /kept/made /scratch/x; touch /shared/x 2>/dev/null || echo refused
				stat -c %F /dev/loop-control; cat /proc/sys/net/ipv4/ip_forward; ulimit -n`;
			const lines = await output([...RUN, '--rm', ...flags, ...more, IMAGE, 'sh', '-c', script]);
			expect(lines.split('\n')).toEqual(['from outside', 'refused', 'character special file', '1', '50']);
			expect(await output([...RUN, '--rm', '-v', 'kept:/kept', IMAGE, 'ls', '/kept'])).toBe('made');
		});

		it('namespaces of the machine and of another container', async () => {
			await stay('lender', ['--ipc', 'shareable']);
			const pid = await inspect('lender', '{{.State.Pid}}');
			const lent = await output([
				'run',
				'--rm',
				'--network',
				'container:lender',
				'--ipc',
				'container:lender',
				'--pid',
				'container:lender',
				IMAGE,
				'/witness',
			]);
			const shared = await output([
				'run',
				'--rm',
				'--network',
				'host',
				'--uts',
				'host',
				'--pid',
				'host',
				'--ipc',
				'host',
				IMAGE,
				'/witness',
			]);
			const outside = (process: string, name: string): Promise<string> =>
				engine.pen.output(['readlink', `/proc/${process}/ns/${name}`]);
			for (const name of ['net', 'ipc', 'pid'] as const) {
				expect(parseWitness(lent).report.namespaces[name], name).toBe(await outside(pid, name));
				expect(parseWitness(shared).report.namespaces[name], name).toBe(await outside('1', name));
			}
			await output(['rm', '-f', 'lender']);
		});

		it('what a container may do that may do nearly everything', async () => {
			// Not --privileged: docker gives all capabilities of the kernel then, also those that the machine has not.
			const flags = ['--cap-add', 'all', '--cap-drop', 'sys_resource', '--security-opt', 'seccomp=unconfined'];
			const report = await witness([...flags, '--security-opt', 'systempaths=unconfined']);
			expect(report.seccomp).toBe(0);
			expect(BigInt(`0x${report.capabilities.effective}`) & (1n << 21n), 'CAP_SYS_ADMIN').not.toBe(0n);
			expect(BigInt(`0x${report.capabilities.effective}`) & (1n << 24n), 'CAP_SYS_RESOURCE').toBe(0n);
			expect(report.mounts.filter(line => line.includes(' /proc/'))).toEqual([]);
		});
	});

	describe('a container that goes on', () => {
		let id = '';
		beforeAll(async () => {
			id = await stay('long');
		});
		afterAll(() => docker(['rm', '-f', 'long']));

		it.each([
			['of the program', ['sh', '-c', 'exit 5'], 5],
			['0', ['true'], 0],
		])('exec ends with the exit code %s', async (_, command, exitCode) => {
			expect((await docker(['exec', 'long', ...command])).exitCode).toBe(exitCode);
		});

		it.each([
			// 126 until docker 20.10, 127 since.
			['is not there', 'absent', 'executable file not found in $PATH', [126, 127]],
			['has no x permission', '/bin/nothing', 'permission denied', [126]],
		])('exec says of a program that it %s', async (_, program, words, exitCodes) => {
			const { exitCode, stdout } = await docker(['exec', 'long', program]);
			expect(stdout).toContain(words);
			expect(exitCodes).toContain(exitCode);
		});

		it('exec joins it, as whom and where it was told, with the streams apart', async () => {
			const flags = ['-i', '--user', 'guest', '--workdir', '/tmp', '--env', 'B=c'];
			const script = 'id -u; pwd; echo $B; cat; echo problem >&2';
			const result = await docker(['exec', ...flags, 'long', 'sh', '-c', script], { input: 'typed' });
			expect(result).toEqual({ exitCode: 0, stdout: '1000\n/tmp\nc\ntyped', stderr: 'problem' });
			const report = parseWitness(await output(['exec', 'long', '/witness'])).report;
			const pid = await inspect('long', '{{.State.Pid}}');
			for (const name of ['pid', 'net', 'mnt', 'uts', 'ipc'] as const)
				expect(report.namespaces[name]).toBe(await engine.pen.output(['readlink', `/proc/${pid}/ns/${name}`]));
		});

		it('exec has a terminal', async () => {
			const terminal = inTty(['exec', '-it', 'long', 'sh', '-c', 'read line; echo "[$line]"; test -t 0 && exit 6']);
			terminal.type('words\n');
			await terminal.shows(/\[words\]/);
			expect(await terminal.end).toMatchObject({ exitCode: 6 });
		});

		it('exec goes on in the background', async () => {
			await output(['exec', '-d', 'long', 'touch', '/tmp/background']);
			await eventually(
				() => docker(['exec', 'long', 'test', '-e', '/tmp/background']),
				({ exitCode }) => exitCode === 0,
			);
		});

		it('stands still while it is paused', async () => {
			await output(['pause', 'long']);
			expect(await inspect('long', '{{.State.Status}}')).toBe('paused');
			expect((await docker(['exec', 'long', 'true'])).exitCode).not.toBe(0);
			await output(['unpause', 'long']);
			expect(await output(['exec', 'long', 'echo', 'moves'])).toBe('moves');
		});

		it('is measured', async () => {
			const stats = JSON.parse(await output(['stats', '--no-stream', '--format', '{{json .}}', 'long'])) as Record<
				string,
				string
			>;
			expect(stats).toMatchObject({ Name: 'long', PIDs: '2' });
			expect(stats.MemUsage).toMatch(/^[1-9][\d.]*[kKM]iB \/ /);
			expect(await output(['top', 'long', '-o', 'pid,args'])).toContain('/bin/sh /bin/stay');
		});

		it('gets other limits while it runs', async () => {
			await output([
				'update',
				'--memory',
				'64m',
				'--memory-swap',
				'64m',
				'--pids-limit',
				'44',
				'--cpus',
				'0.5',
				'long',
			]);
			expect(await readCgroup(id, ['memory.limit_in_bytes', 'memory.max'])).toBe(String(64 * 1024 * 1024));
			expect(await readCgroup(id, ['pids.max'])).toBe('44');
			expect(await readCgroup(id, ['cpu.cfs_quota_us', 'cpu.max'])).toMatch(/^50000/);
		});

		it('gets files, and gives them', async () => {
			await output(['cp', '-', 'long:/tmp'], {
				input: await engine.pen.output(['sh', '-c', 'cd /run; echo carried > carried; tar c carried']),
			});
			expect(await output(['exec', 'long', 'cat', '/tmp/carried'])).toBe('carried');
			await output(['cp', 'long:/tmp/carried', '/run/back']);
			expect(await engine.pen.output(['cat', '/run/back'])).toBe('carried');
		});

		it('is stopped with its own exit code, and started again', async () => {
			await output(['kill', '--signal', 'USR1', 'long']);
			await eventually(
				() => output(['logs', 'long']),
				text => text === 'up\nuser signal',
			);
			await output(['stop', 'long']);
			expect(await inspect('long', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 3');
			await output(['start', 'long']);
			await output(['restart', 'long']);
			expect(await inspect('long', '{{.State.Status}}')).toBe('running');
		});

		it('ends with 137 where it is killed', async () => {
			await output(['kill', 'long']);
			expect(await output(['wait', 'long'])).toBe('137');
		});

		it('leaves nothing when it is removed', async () => {
			await output(['start', 'long']);
			await output(['rm', '-f', 'long']);
			expect(await traces(engine.pen, id, STATE_DIRECTORIES)).toEqual([]);
		});
	});

	it('stop kills after its time where the program ignores the signal', async () => {
		await output([...RUN, '-d', '--name', 'deaf', IMAGE, 'sleep', '1000']);
		await output(['stop', '-t', '1', 'deaf']);
		expect(await inspect('deaf', '{{.State.ExitCode}}')).toBe('137');
		await output(['rm', 'deaf']);
	});

	it('a health check runs in the container', async () => {
		await stay('patient', [
			'--health-interval',
			'500ms',
			'--health-retries',
			'1',
			'--health-cmd',
			'test -e /tmp/healthy',
		]);
		await eventually(
			() => inspect('patient', '{{.State.Health.Status}}'),
			text => text === 'unhealthy',
		);
		await output(['exec', 'patient', 'touch', '/tmp/healthy']);
		await eventually(
			() => inspect('patient', '{{.State.Health.Status}}'),
			text => text === 'healthy',
		);
		await output(['rm', '-f', 'patient']);
	});

	it('containers of one network reach each other by name, and the world a published port', async () => {
		await output(['network', 'create', 'between']);
		const script = 'while echo hello | nc -l -p 80; do :; done';
		await output([
			'run',
			'-d',
			'--name',
			'server',
			'--network',
			'between',
			'-p',
			'127.0.0.1:8080:80',
			IMAGE,
			'sh',
			'-c',
			script,
		]);
		const client = ['run', '--rm', '--network', 'between', IMAGE, 'sh', '-c', 'nc server 80 </dev/null'];
		expect(
			(
				await eventually(
					() => docker(client),
					({ stdout }) => stdout !== '',
				)
			).stdout,
		).toBe('hello');
		const outside = ['busybox', 'nc', '127.0.0.1', '8080'];
		expect(
			(
				await eventually(
					() => engine.pen.run(outside),
					({ stdout }) => stdout !== '',
				)
			).stdout,
		).toBe('hello');
		await output(['rm', '-f', 'server']);
		await output(['network', 'rm', 'between']);
	});

	it('an image is built', async () => {
		const dockerfile = `FROM ${IMAGE}\nRUN mkdir /srv && id -u > /srv/id\nUSER guest\nRUN test "$(id -u)" = 1000\nCMD ["cat", "/srv/id"]\n`;
		await output(['build', '--network', 'none', '-t', 'built', '-'], {
			input: dockerfile,
			env: { DOCKER_BUILDKIT: '0' },
		});
		expect(await output([...RUN, '--rm', 'built'])).toBe('0');
		const failing = await docker(['build', '--network', 'none', '-'], {
			input: `FROM ${IMAGE}\nRUN exit 9\n`,
			env: { DOCKER_BUILDKIT: '0' },
		});
		expect(failing.stderr).toContain('returned a non-zero code: 9');
	});

	it('many containers at once are as many results', async () => {
		const codes = Array.from({ length: 8 }, (_, index) => index + 20);
		const run = (code: number) => docker([...RUN, '--rm', IMAGE, 'sh', '-c', `echo ${code}; exit ${code}`]);
		const results = await Promise.all(codes.map(run));
		expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(codes.map(code => [code, String(code)]));
	});

	it('nothing is left when all is done', async () => {
		const ids = (await output(['ps', '-aq', '--no-trunc'])).split('\n').filter(Boolean);
		if (ids.length > 0) await output(['rm', '-f', ...ids]);
		expect(engine.pen.cgroups().filter(path => /[0-9a-f]{64}/.test(path))).toEqual([]);
		expect(await engine.log()).not.toMatch(/panic/);
	});
});
