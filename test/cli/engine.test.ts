import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { createCli } from './support.ts';

const { sandbox, tsrun, output } = createCli();
afterAll(() => sandbox.remove());

const { version, optionalDependencies } = JSON.parse(
	readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'),
) as { version: string; optionalDependencies: Record<string, string> };
const isScript = readFileSync(TSRUN).subarray(0, 2).toString() === '#!';
const engine = isScript ? `node ${process.versions.node}` : `bun ${optionalDependencies['@oven/bun-linux-x64']}`;

it.each(['--version', '-v'])('%s is the version of the package, and tells the engine', async flag => {
	expect(await output([flag])).toBe(`${version} (${engine})\n`);
});

describe('what lies in the working directory is not read', () => {
	const hostile = join(sandbox.dir, 'hostile');
	beforeAll(() => {
		mkdirSync(join(hostile, 'node_modules/undici'), { recursive: true });
		const loud = 'console.log("hostile"); process.exit(7);\n';
		const files = {
			'.env': `TSRUN_ROOT=${hostile}/store\nTSRUN_STATE=${hostile}/state\n`,
			'bunfig.toml': 'preload = ["./loud.js"]\n[run]\npreload = ["./loud.js"]\n',
			'package.json': '{ "type": "module", "imports": { "node:fs": "./loud.js" }, "browser": { "fs": "./loud.js" } }\n',
			'tsconfig.json': '{ "compilerOptions": { "paths": { "node:fs": ["./loud.js"], "fs": ["./loud.js"] } } }\n',
			'.npmrc': 'node-options=--require ./loud.js\n',
			'loud.js': loud,
			'cli.js': loud,
			'node_modules/undici/index.js': loud,
		};
		for (const [name, text] of Object.entries(files)) writeFileSync(join(hostile, name), text);
	});

	it('by a command of the start, and by one that loads more', async () => {
		expect(await output(['--version'], { cwd: hostile })).toBe(`${version} (${engine})\n`);
		const away = { TSRUN_ROOT: join(sandbox.dir, 'root'), TSRUN_STATE: join(sandbox.dir, 'state') };
		expect(await output(['images', '--quiet'], { cwd: hostile, env: away })).toBe('');
		expect((await tsrun(['pull', 'localhost:1/x'], { cwd: hostile })).stderr).toMatch(/^tsrun: .*localhost:1/);
	});

	it('also where the environment asks for it in the words of an engine', async () => {
		const orders = {
			BUN_OPTIONS: '--preload ./loud.js',
			BUN_BE_BUN: '1',
			BUN_INSPECT: 'ws://127.0.0.1:1/x',
			BUN_INSPECT_PRELOAD: './loud.js',
			BUN_JSC_dumpOptions: '1',
			BUN_CONFIG_VERBOSE_FETCH: '1',
			// to Node, which runs the script, they are orders
			...(isScript ? {} : { NODE_OPTIONS: '--require ./loud.js', NODE_PATH: hostile }),
		};
		for (const [name, value] of Object.entries(orders)) {
			const env = { [name]: value };
			expect(await tsrun(['--version'], { cwd: hostile, env })).toMatchObject({
				stdout: `${version} (${engine})\n`,
				stderr: '',
			});
		}
	});
});

describe('the path by which it is called', () => {
	const folder = join(sandbox.dir, 'links');
	beforeAll(() => {
		mkdirSync(folder);
		for (const name of ['runc', 'other']) symlinkSync(TSRUN, join(folder, name));
	});
	const call = (program: string, path = process.env.PATH): string =>
		execFileSync('sh', ['-c', `${program} --version`], { cwd: folder, encoding: 'utf8', env: { PATH: path } });

	it('is that of a link, absolute, relative, or found in PATH', () => {
		const absolute = call(join(folder, 'runc'));
		expect(absolute).toMatch(/^runc version /);
		expect(call('./runc')).toBe(absolute);
		expect(call('../links/runc')).toBe(absolute);
		expect(call('runc', `/nowhere:${folder}:${process.env.PATH}`)).toBe(absolute);
		expect(call('./other')).toBe(`${version} (${engine})\n`);
	});

	it('leads back to it when a step fails', async () => {
		const image = await witnessImage(join(sandbox.dir, 'image'));
		const { stderr, exitCode } = await tsrun(['run', '--rm', '--entrypoint', '/no/such', image]);
		expect([stderr, exitCode]).toEqual([expect.stringMatching(/^tsrun: .*\/no\/such/), 127]);
	});
});
