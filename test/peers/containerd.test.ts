import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTerminal } from '../kernel/support/in-terminal.ts';
import { parseWitness, type WitnessReport } from '../kernel/support/witness.ts';
import { eventually } from './support/eventually.ts';
import { type Containerd, openContainerd } from './support/open-containerd.ts';
import { RUNC, RUNTIMES } from './support/runtimes.ts';
import { expectSameView, withoutIds } from './support/same-view.ts';
import { traces } from './support/traces.ts';
import { untilSized } from './support/until-sized.ts';

const IMAGE = 'localhost/witness:latest';
const STATE_DIRECTORIES = ['/run/containerd', '/run/tsrun', '/run/runc'];

describe.each(RUNTIMES)('containerd with $name', runtime => {
	let engine: Containerd;
	let count = 0;
	const ctr: Containerd['ctr'] = (words, options) => engine.ctr(words, options);
	const output: Containerd['output'] = (words, options) => engine.output(words, options);
	const newId = (): string => `container-${++count}`;
	const run = (flags: readonly string[], command: readonly string[]) =>
		ctr(['run', '--rm', '--runc-binary', runtime.path, ...flags, IMAGE, newId(), ...command]);
	const exec = (id: string, command: readonly string[], flags: readonly string[] = []): readonly string[] => [
		...['task', 'exec', '--exec-id', `exec-${++count}`],
		...flags,
		id,
		...command,
	];
	const status = async (id: string): Promise<string | undefined> =>
		(await output(['task', 'ls'])).split('\n').flatMap(line => {
			const [name, , state = ''] = line.split(/ +/);
			return name === id ? [state] : [];
		})[0];
	/** Starts a container whose stdout goes to a file, and waits for the file. */
	const stay = async (id: string, flags: readonly string[] = []): Promise<() => Promise<string>> => {
		const log = `/run/${id}.log`;
		const log_uri = `file://${log}`;
		await output(['run', '-d', '--runc-binary', runtime.path, '--log-uri', log_uri, ...flags, IMAGE, id]);
		const read = () => engine.pen.output(['cat', log]);
		await eventually(read, text => text.includes('up'));
		return read;
	};
	const remove = async (id: string): Promise<void> => {
		await ctr(['task', 'delete', '--force', id]);
		await output(['container', 'rm', id]);
	};

	beforeAll(async () => {
		engine = await openContainerd(runtime);
	});
	afterAll(() => engine.pen.close());

	describe('run', () => {
		it.each([
			['of the program', ['sh', '-c', 'exit 7'], 7],
			['0', ['true'], 0],
			['1 where the program is not in PATH', ['absent'], 1],
		])('ends with the exit code %s', async (_, command, exitCode) => {
			expect((await run([], command)).exitCode).toBe(exitCode);
		});

		it.each([
			['is not in PATH', 'absent', 'exec: "absent": executable file not found in $PATH'],
			['is not there', '/bin/absent', '"/bin/absent": .*no such file or directory'],
			['has no x permission', '/bin/nothing', '"/bin/nothing": permission denied'],
		])('says of a program that it %s, with the words of the runtime', async (_, program, words) => {
			const { stderr } = await run([], [program]);
			expect(stderr).toContain('OCI runtime create failed: ');
			expect(stderr).toMatch(new RegExp(words.replaceAll('$', '\\$')));
		});

		it('keeps stdout, stderr and stdin apart', async () => {
			const words = [
				'run',
				'--rm',
				'--runc-binary',
				runtime.path,
				IMAGE,
				newId(),
				'sh',
				'-c',
				'read x; echo $x; echo problem >&2',
			];
			expect(await ctr(words, { input: 'typed\n' })).toEqual({ exitCode: 0, stdout: 'typed', stderr: 'problem' });
		});

		it('gives a terminal of the size of the window, and resizes it', async () => {
			const script = `${untilSized(31, 97)}; read x; ${untilSized(20, 50)}; exit 4`;
			const words = ['ctr', 'run', '--rm', '-t', '--runc-binary', runtime.path, IMAGE, newId(), 'sh', '-c', script];
			const terminal = inTerminal(engine.pen.words(words), { rows: 31, columns: 97 });
			await terminal.shows(/31 97/);
			terminal.resize(20, 50);
			terminal.type('\n');
			await terminal.shows(/20 50/);
			expect(await terminal.end).toMatchObject({ exitCode: 4 });
		});

		it('what containerd asks for is what a process sees', async () => {
			await engine.pen.output(['sh', '-c', 'mkdir -p /run/shared; echo from outside > /run/shared/file']);
			const flags = ['--cwd', '/tmp', '--env', 'A=b', '--read-only', '--memory-limit', '67108864'];
			const mount = ['--mount', 'type=bind,src=/run/shared,dst=/tmp,options=rbind:ro', '--seccomp'];
			const { stdout } = await run([...flags, ...mount], ['/witness', 'report', '--', 'read', '/tmp/file']);
			const { report } = parseWitness(stdout);
			expect(report).toMatchObject({ uids: [0, 0, 0], cwd: '/tmp', seccomp: 2 });
			expect(report.env).toContain('A=b');
			expect(report.mounts.some(line => / \/ ro,/.test(line))).toBe(true);
			expect(report.mounts.some(line => / \/tmp ro,/.test(line))).toBe(true);
		});

		it.each([
			['by default', []],
			['privileged', ['--privileged']],
		])('what a process sees is what it sees under runc: %s', async (_, flags) => {
			const under = async (path: string): Promise<WitnessReport> => {
				const words = ['run', '--rm', '--runc-binary', path, ...flags, IMAGE, 'viewer', '/witness'];
				return withoutIds(parseWitness(await output(words)).report);
			};
			expectSameView(await under(runtime.path), await under(RUNC.path));
		});

		it('works under the name of runc', async () => {
			await engine.pen.output(['sh', '-c', 'mkdir -p /run/bin && ln -sf "$1" /run/bin/runc', 'sh', runtime.path]);
			const words = ['run', '--rm', '--runc-binary', '/run/bin/runc', IMAGE, newId(), 'sh', '-c', 'exit 7'];
			expect((await ctr(words)).exitCode).toBe(7);
		});

		it('joins namespaces by path', async () => {
			await engine.pen.output(['ip', 'netns', 'add', 'made']);
			const { stdout } = await run(['--with-ns', 'network:/run/netns/made'], ['/witness']);
			const inode = await engine.pen.output(['stat', '-L', '-c', '%i', '/run/netns/made']);
			expect(parseWitness(stdout).report.namespaces.net).toBe(`net:[${inode}]`);
		});

		it('maps ids', async () => {
			const { stdout } = await run(['--uidmap', '0:100000:65536', '--gidmap', '0:100000:65536'], ['/witness']);
			expect(parseWitness(stdout).report.uidMap.map(line => line.trim().split(/ +/))).toEqual([
				['0', '100000', '65536'],
			]);
		});
	});

	describe('a task', () => {
		let log: () => Promise<string> = async () => '';
		beforeAll(async () => {
			log = await stay('long', ['--cgroup', '/peer/long']);
		});

		it('runs, with the pid that the machine has, in its cgroup', async () => {
			const line = (await output(['task', 'ls'])).split('\n').find(text => text.startsWith('long '));
			const [, pid] = (line ?? '').split(/ +/);
			expect(await engine.pen.output(['cat', `/proc/${pid}/cgroup`])).toContain('/peer/long');
			expect(await output(['task', 'ps', 'long'])).toContain(pid);
		});

		it.each([
			['of the program', ['sh', '-c', 'exit 5'], 5],
			['0', ['true'], 0],
		])('exec ends with the exit code %s', async (_, command, exitCode) => {
			expect((await ctr(exec('long', command))).exitCode).toBe(exitCode);
		});

		it('exec says that a program is not there, with the words of the runtime', async () => {
			const { exitCode, stderr } = await ctr(exec('long', ['absent']));
			expect(exitCode).toBe(1);
			expect(stderr).toMatch(/OCI runtime exec failed: .*"absent": executable file not found in \$PATH/);
		});

		it('exec joins it, as whom and where it was told, with the streams apart', async () => {
			const words = exec(
				'long',
				['sh', '-c', 'id -u; pwd; cat; echo problem >&2'],
				['--user', '1000', '--cwd', '/tmp'],
			);
			expect(await ctr(words, { input: 'typed\n' })).toEqual({
				exitCode: 0,
				stdout: '1000\n/tmp\ntyped',
				stderr: 'problem',
			});
		});

		it('exec has a terminal', async () => {
			const script = 'read line; echo "[$line]"; test -t 0 && exit 6';
			const words = engine.pen.words(['ctr', ...exec('long', ['sh', '-c', script], ['-t'])]);
			const terminal = inTerminal(words, { rows: 31, columns: 97 });
			terminal.type('words\n');
			await terminal.shows(/\[words\]/);
			expect(await terminal.end).toMatchObject({ exitCode: 6 });
		});

		it('stands still while it is paused', async () => {
			await output(['task', 'pause', 'long']);
			expect(await status('long')).toBe('PAUSED');
			await output(['task', 'resume', 'long']);
			expect(await status('long')).toBe('RUNNING');
			expect((await ctr(exec('long', ['true']))).exitCode).toBe(0);
		});

		it('is measured', async () => {
			const metrics = await output(['task', 'metrics', 'long']);
			expect(metrics).toMatch(/pids\.current +2\b/);
			expect(metrics).toMatch(/memory\.usage(_in_bytes)? +[1-9]\d{4}/);
		});

		it('gets a signal, then ends with its own exit code', async () => {
			await output(['task', 'kill', '--signal', 'SIGUSR1', 'long']);
			await eventually(log, text => text.includes('user signal'));
			await output(['task', 'kill', '--signal', 'SIGTERM', 'long']);
			await eventually(
				() => status('long'),
				state => state === 'STOPPED',
			);
			expect(await log()).toContain('terminated');
			expect((await ctr(['task', 'delete', 'long'])).stderr).toContain('exit with non-zero exit code 3');
		});

		it('leaves nothing when it is deleted', async () => {
			await output(['container', 'rm', 'long']);
			expect(await traces(engine.pen, 'long', STATE_DIRECTORIES)).toEqual([]);
		});
	});

	it('kill reaches every process where it is told to', async () => {
		await stay('many');
		await output(exec('many', ['sleep', '1000'], ['--detach']));
		await output(['task', 'kill', '--all', '--signal', 'SIGKILL', 'many']);
		await eventually(
			() => status('many'),
			state => state === 'STOPPED',
		);
		expect((await ctr(['task', 'delete', 'many'])).stderr).toContain('137');
		await output(['container', 'rm', 'many']);
	});

	it('a kill of what has ended is not found, which is no failure of delete', async () => {
		await output(['run', '-d', '--runc-binary', runtime.path, IMAGE, 'ended', 'true']);
		await eventually(
			() => status('ended'),
			state => state === 'STOPPED',
		);
		expect((await ctr(['task', 'kill', '--signal', 'SIGKILL', 'ended'])).stderr).toMatch(
			/process already finished: not found|^$/,
		);
		await remove('ended');
		expect(await traces(engine.pen, 'ended', STATE_DIRECTORIES)).toEqual([]);
	});

	it('a container whose shim is killed is cleaned up', async () => {
		await stay('orphan');
		await engine.pen.output([
			'sh',
			'-c',
			"kill -9 $(ps -eo pid,args | awk '/[c]ontainerd-shim.*-id orphan/ { print $1 }')",
		]);
		await eventually(
			() => status('orphan'),
			state => state === undefined,
		);
		await eventually(
			() => traces(engine.pen, 'orphan', ['/run/tsrun', '/run/runc']),
			lines => lines.length === 0,
		);
		await output(['container', 'rm', 'orphan']);
	});

	it('nothing is left when all is done', async () => {
		expect(await output(['container', 'ls', '-q'])).toBe('');
		expect(engine.pen.cgroups().filter(path => /container-|long|many|ended|orphan/.test(path))).toEqual([]);
		expect(await engine.pen.output(['sh', '-c', 'ls /run/containerd/runc/default 2>/dev/null; true'])).toBe('');
	});
});
