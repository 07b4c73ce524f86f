import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../kernel/support/bundle.ts';
import { writeConfig } from '../kernel/support/oci-runtime.ts';
import { createSandbox, TSRUN } from '../kernel/support/run-tsrun.ts';

const sandbox = createSandbox();
const program = join(sandbox.dir, 'runc');
beforeAll(() => symlinkSync(TSRUN, program));
afterAll(() => sandbox.remove());

interface Result {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

const runc = (...words: readonly string[]): Promise<Result> =>
	new Promise(done => {
		execFile(program, ['--root', sandbox.state, ...words], { cwd: sandbox.dir }, (error, stdout, stderr) =>
			done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
		);
	});

const COMMANDS =
	'checkpoint create delete events exec features kill list pause ps restore resume run spec start state update'.split(
		' ',
	);

describe('called by runc’s name', () => {
	it('shows help in runc’s form, of itself and of each of runc’s commands', async () => {
		const { code, stdout } = await runc('-h');
		expect([code, stdout.split('\n').slice(0, 2)]).toEqual([
			0,
			['NAME:', '   runc - Open Container Initiative runtime'],
		]);
		for (const command of COMMANDS) {
			const help = await runc(command, '--help');
			expect(help.stdout.split('\n').slice(0, 2)).toEqual(['NAME:', expect.stringMatching(`^   runc ${command} - `)]);
			expect(help.code).toBe(0);
		}
	});

	it('knows no command of tsrun, and says so in runc’s words', async () => {
		for (const words of [['images'], ['foo', '-h']]) {
			expect(await runc(...words)).toMatchObject({
				code: 3,
				stderr: expect.stringContaining(`No help topic for '${words[0]}'`),
			});
		}
	});

	it('tells version, commit and specification in the lines that engines read', async () => {
		expect((await runc('--version')).stdout).toMatch(
			/^runc version \d+\.\d+\.\d+\ncommit: .+\nspec: \d+\.\d+\.\d+\n(node|bun): \d+\.\d+\.\d+\n$/,
		);
	});

	it('reports an error in one line: an entry of a log, or the message where the log is a file', async () => {
		const plain = await runc('state', 'nix');
		expect([plain.code, plain.stderr]).toEqual([
			1,
			expect.stringMatching(/^time="[^"]+Z" level=error msg="container does not exist[^\n]*"\n$/),
		]);
		const log = join(sandbox.dir, 'log');
		const logged = await runc('--log', log, '--log-format', 'json', 'state', 'nix');
		expect(logged.stderr).toMatch(/^container does not exist[^\n]*\n$/);
		expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({
			level: 'error',
			msg: expect.stringMatching(/^container does not exist/),
		});
	});
});

describe('a container that cannot be made', () => {
	const bundle = createBundle(sandbox, 'named');
	afterEach(async () => {
		await runc('delete', '--force', 'x');
	});
	const make = async (command: string, change: (config: Config) => void): Promise<Result> => {
		const config = bundleConfig('sleep', '100');
		change(config);
		writeConfig(bundle, config);
		return await runc(command, '--bundle', bundle, 'x');
	};

	it.each(['create', 'run'])(
		'is reported in runc’s words by %s: which command, and that it was a mount',
		async command => {
			const { code, stderr } = await make(command, config => {
				config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['size=nonsense'] });
			});
			expect([code, stderr]).toEqual([
				1,
				expect.stringMatching(
					new RegExp(
						`msg="runc ${command} failed: unable to start container process: error during container init: error mounting: .*invalid argument`,
					),
				),
			]);
		},
	);

	it('says of a program that execve(2) refuses what init of runc says, and no more', async () => {
		writeFileSync(join(bundle, 'rootfs/run.sh'), '#!/no/interpreter\n', { mode: 0o755 });
		const { stderr } = await make('run', config => {
			config.process.args = ['/run.sh'];
		});
		expect(stderr).toBe('exec /run.sh: no such file or directory\n');
	});
});
