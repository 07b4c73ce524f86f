import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTerminal } from '../kernel/support/in-terminal.ts';
import { parseWitness } from '../kernel/support/witness.ts';
import type { PenResult } from './support/open-pen.ts';
import { openPodman, type Podman } from './support/open-podman.ts';
import { RUNTIMES } from './support/runtimes.ts';

const IMAGE = 'localhost/witness:latest';
/** CAP_SYS_RESOURCE may be missing, and no network is needed. */
const FLAGS = ['--network', 'none', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

describe.each(RUNTIMES)('buildah with $name', runtime => {
	let engine: Podman;
	let count = 0;
	const build = (dockerfile: string, flags: readonly string[] = []): Promise<PenResult> => {
		const words = [
			'buildah',
			'bud',
			'--runtime',
			runtime.path,
			'--format',
			'docker',
			...FLAGS,
			...flags,
			'/run/context',
		];
		const script = 'cat > /run/context/Dockerfile; exec "$@"';
		return engine.pen.run(['sh', '-c', script, 'sh', ...words], { input: `FROM ${IMAGE}\n${dockerfile}` });
	};
	/** The image of a build that must succeed. */
	const built = async (dockerfile: string, flags: readonly string[] = []): Promise<string> => {
		const tag = `built-${++count}`;
		const { exitCode, stderr, stdout } = await build(dockerfile, ['-t', tag, ...flags]);
		if (exitCode !== 0) throw new Error(`no image: ${stdout}${stderr}`);
		return tag;
	};
	/** What is in a file of an image. */
	const content = async (image: string, path: string): Promise<string> =>
		engine.pen.output([
			'sh',
			'-c',
			'm=$(podman image mount "$1") && cat "$m/$2"; podman image unmount "$1" >/dev/null',
			'sh',
			image,
			path,
		]);

	beforeAll(async () => {
		engine = await openPodman(runtime);
		await engine.pen.output([
			'sh',
			'-c',
			'mkdir -p /run/context/folder; cd /run/context; echo data > file; echo deep > folder/deep',
		]);
	});
	afterAll(() => engine.pen.close());

	describe('a build', () => {
		it('runs its steps as the user, in the directory and with the environment that it says', async () => {
			const image = await built(`
				RUN mkdir -p /srv && chmod 777 /srv
				ENV A=b
				WORKDIR /srv
				USER guest
				RUN id -u > who; pwd >> who; echo $A >> who
				RUN ["/bin/sh", "-c", "echo $0 >> who", "words"]
			`);
			expect(await content(image, 'srv/who')).toBe('1000\n/srv\nb\nwords');
		});

		it('copies files, which the next step finds', async () => {
			const image = await built(`
				COPY file /srv/file
				COPY --chown=guest folder /srv/folder
				ADD file /added
				RUN cat /srv/file /srv/folder/deep /added > /all; stat -c %u /srv/folder/deep >> /all
			`);
			expect(await content(image, 'all')).toBe('data\ndeep\ndata\n1000');
		});

		it('has several stages', async () => {
			const image = await built(`
				RUN echo made > /product
				FROM ${IMAGE}
				COPY --from=0 /product /product
				RUN test "$(cat /product)" = made
			`);
			expect(await content(image, 'product')).toBe('made');
		});

		it('writes a health check that podman runs', async () => {
			const image = await built('HEALTHCHECK CMD test -e /bin/stay\n');
			await engine.output(['run', '-d', '--name', 'patient', '--health-interval', 'disable', image]);
			expect((await engine.podman(['healthcheck', 'run', 'patient'])).exitCode).toBe(0);
			await engine.output(['exec', 'patient', 'rm', '/bin/stay']);
			expect((await engine.podman(['healthcheck', 'run', 'patient'])).exitCode).toBe(1);
			await engine.output(['rm', '-f', '-t', '0', 'patient']);
		});

		it('shows what a step prints', async () => {
			const { stdout } = await build('RUN echo to stdout; echo to stderr >&2\n');
			expect(stdout).toContain('to stdout\n');
		});

		it('fails with the exit code of the step', async () => {
			const { exitCode, stderr } = await build('RUN exit 9\n');
			expect(stderr).toContain('exit status 9');
			expect(exitCode).toBe(9);
		});

		it('fails where the program of a step is not there', async () => {
			const { exitCode, stderr } = await build('RUN ["absent"]\n');
			expect(exitCode).not.toBe(0);
			expect(stderr).toMatch(/absent.*: executable file not found in \$PATH/);
		});

		it('has mounts for one step', async () => {
			const image = await built(`
				RUN --mount=type=tmpfs,dst=/scratch echo x > /scratch/x && test -e /scratch/x
				RUN --mount=type=bind,src=folder,dst=/context cat /context/deep > /copied
				RUN test ! -e /scratch/x && test ! -e /context/deep
			`);
			expect(await content(image, 'copied')).toBe('deep');
		});
	});

	describe('run', () => {
		let container = '';
		const run = (flags: readonly string[], command: readonly string[], input?: string): Promise<PenResult> => {
			const words = [
				'buildah',
				'run',
				'--runtime',
				runtime.path,
				'--network',
				'none',
				...flags,
				container,
				'--',
				...command,
			];
			return engine.pen.run(words, input === undefined ? {} : { input });
		};
		beforeAll(async () => {
			container = await engine.pen.output([
				'buildah',
				'from',
				'--ulimit',
				'nofile=1024:1024',
				'--ulimit',
				'nproc=1024:1024',
				IMAGE,
			]);
		});
		afterAll(() => engine.pen.output(['buildah', 'rm', container]));

		it('ends with the exit code of the program', async () => {
			expect((await run([], ['sh', '-c', 'exit 5'])).exitCode).toBe(5);
		});

		it('keeps stdout, stderr and stdin apart', async () => {
			const result = await run([], ['sh', '-c', 'cat; echo problem >&2'], 'typed\n');
			expect(result).toMatchObject({ exitCode: 0, stdout: 'typed' });
			expect(result.stderr).toContain('problem');
		});

		it('gives what it is asked for', async () => {
			const flags = [
				'--user',
				'guest',
				'--cap-drop',
				'all',
				'--hostname',
				'named',
				'--env',
				'A=b',
				'--workingdir',
				'/tmp',
			];
			const { stdout } = await run([...flags, '-v', '/run/context:/context:ro'], ['/witness']);
			const { report } = parseWitness(stdout);
			expect(report).toMatchObject({ uids: [1000, 1000, 1000], cwd: '/tmp', hostname: 'named' });
			expect(report.capabilities.bounding).toBe('0000000000000000');
			expect(report.env).toContain('A=b');
			expect(report.mounts.some(line => / \/context ro,/.test(line))).toBe(true);
		});

		it('gives a terminal', async () => {
			const words = [
				'buildah',
				'run',
				'--tty',
				'--runtime',
				runtime.path,
				'--network',
				'none',
				container,
				'--',
				'sh',
				'-c',
				'read x; echo "[$x]"; test -t 0 && exit 6',
			];
			const terminal = inTerminal(engine.pen.words(words), { rows: 31, columns: 97 });
			terminal.type('words\n');
			await terminal.shows(/\[words\]/);
			expect(await terminal.end).toMatchObject({ exitCode: 6 });
		});

		it('keeps what was written', async () => {
			await run([], ['sh', '-c', 'echo kept > /kept']);
			expect((await run([], ['cat', '/kept'])).stdout).toBe('kept');
		});
	});

	it('nothing is left when all is done', async () => {
		expect(await engine.pen.output(['sh', '-c', 'ls /run/runc /run/tsrun 2>/dev/null | grep buildah; true'])).toBe('');
		expect(engine.pen.cgroups().filter(path => path.includes('buildah'))).toEqual([]);
		expect(await engine.pen.output(['sh', '-c', 'grep buildah /proc/self/mountinfo; true'])).toBe('');
	});
});
