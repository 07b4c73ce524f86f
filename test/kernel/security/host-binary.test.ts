import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, runTsrun, TSRUN } from '../support/run-tsrun.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';

const sandbox = createSandbox();
const ROOT = resolve(import.meta.dirname, '../../..');
const [EPERM, ETXTBSY] = [1, 26];
const O_WRONLY = 1;
let image = '';

const evil = join(sandbox.dir, 'evil.cjs');
const marker = join(sandbox.dir, 'marker');

beforeAll(async () => {
	writeFileSync(evil, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, 'was here');`);
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		files: [
			{ name: 'trojan', mode: 0o755, data: '#!/proc/self/exe run\n' },
			{ name: 'fd-link', linkname: '/proc/self/fd/9' },
			{ name: 'cwd-link', linkname: '/proc/self/fd' },
		],
	});
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
afterAll(() => sandbox.remove());

/** The programs of the host that a container could reach, by their contents. */
function hostPrograms(): Readonly<Record<string, string>> {
	const built = join(ROOT, 'build/Release');
	const files = [process.execPath, TSRUN, join(built, 'tsrun-init'), join(built, 'tsrun.node')];
	return Object.fromEntries(
		files.map(file => [file, createHash('sha256').update(readFileSync(file)).digest('hex')] as const),
	);
}

describe('the runtime’s own program (CVE-2019-5736)', () => {
	it.each([
		['without', []],
		['with', ['--init']],
	])('cannot be written through /proc/1/exe %s a reaper', async (_, flags) => {
		const before = hostPrograms();
		const { witness } = await runTsrun(sandbox, [
			...['run', '--rm', ...flags, image],
			...['write', '/proc/1/exe', 'x', '--', 'open', '/proc/1/exe', String(O_WRONLY)],
		]);
		expect(witness.actions).toHaveLength(2);
		for (const { errno } of witness.actions) expect([EPERM, ETXTBSY]).toContain(errno);
		expect(hostPrograms()).toEqual(before);
	});

	it.each([
		['a script', ['/trojan']],
		['a script that passes arguments of the machine', ['/trojan', '0']],
		['a path', ['/proc/self/exe']],
	])('run again as a container’s program, by %s, is the sealed copy and does nothing', async (_, words) => {
		const before = hostPrograms();
		const result = await runTsrun(sandbox, ['run', '--rm', '--entrypoint', '', image, ...words]);
		expect(result.exitCode).toBe(125);
		expect(result.stdout).toBe('');
		expect(hostPrograms()).toEqual(before);
	});

	it('is not even readable as a file of the host: it is a memory file without a name', async () => {
		const { stdout } = await runTsrun(sandbox, [
			...['run', '--rm', '--init', '--entrypoint', '/bin/busybox', image],
			...['readlink', '/proc/1/exe'],
		]);
		expect(stdout).toBe('/memfd:tsrun-init (deleted)\n');
	});
});

describe('descriptors of the caller (CVE-2024-21626)', () => {
	const careless = (target: string, command = 'exec "$@"') => [
		'bash',
		'-c',
		`for fd in {3..64}; do eval "exec $fd<${target}"; done; ${command}`,
		'bash',
	];

	it('are no working directory: /proc/self/fd/N', { timeout: 120_000 * SLOWNESS }, async () => {
		const numbers = [...Array.from({ length: 12 }, (_, index) => index + 3), 20, 21, 32, 62, 63, 64];
		for (let at = 0; at < numbers.length; at += 4) {
			const results = await Promise.all(
				numbers
					.slice(at, at + 4)
					.map(fd =>
						runTsrun(
							sandbox,
							['run', '--rm', '-w', `/proc/self/fd/${fd}`, '--entrypoint', '/bin/sh', image, '-c', 'pwd'],
							{ wrapper: careless('/etc') },
						),
					),
			);
			for (const { exitCode, stdout } of results) expect([exitCode, stdout]).toEqual([125, '']);
		}
	});

	it.each(['/fd-link', '/cwd-link/7', '/proc/1/fd/5', '/proc/self/cwd/../proc/self/fd/8', '/proc/thread-self/fd/6'])(
		'are no working directory by way of %s either',
		async path => {
			const { exitCode, stdout } = await runTsrun(
				sandbox,
				['run', '--rm', '-w', path, '--entrypoint', '/bin/sh', image, '-c', 'pwd'],
				{ wrapper: careless('/etc') },
			);
			expect([exitCode, stdout]).toEqual([125, '']);
		},
	);

	it.each(['/proc/self/fd/5', '/fd-link', '/proc/1/fd/7'])('are no program: %s', async path => {
		const { exitCode, stdout } = await runTsrun(sandbox, ['run', '--rm', '--entrypoint', path, image, '--help'], {
			wrapper: careless('/bin/busybox'),
		});
		expect([126, 127]).toContain(exitCode);
		expect(stdout).toBe('');
	});
});

describe('what an image says of itself', () => {
	it('reaches no process of the host by its environment (CVE-2025-23266)', async () => {
		const hostile = await witnessImage(join(sandbox.dir, 'environment'), {
			config: {
				Env: [
					`NODE_OPTIONS=--require ${evil}`,
					'LD_PRELOAD=/evil.so',
					'PATH=/evil',
					`NODE_PATH=${sandbox.dir}`,
					`BASH_ENV=${evil}`,
				],
			},
		});
		const failed = await runTsrun(sandbox, ['run', '--rm', '--entrypoint', '/no/such', hostile]);
		expect(failed.exitCode).toBe(127);
		expect(failed.stderr).toBe(
			'tsrun: no such file in the container: /no/such\n  hint: the path is looked up in the image and its mounts, not on the host\n',
		);
		expect(existsSync(marker)).toBe(false);
		expect((await runTsrun(sandbox, ['ps', '-a'])).exitCode).toBe(0);
		expect(existsSync(marker)).toBe(false);
	});

	it('changes nothing of the plan by its labels and variables (CVE-2026-53488)', async () => {
		const keys = ['org.tsrun.init', 'org.tsrun.reporter', 'org.tsrun.log', 'io.containerd.log-uri', 'run.oci.hooks'];
		const labelled = await witnessImage(join(sandbox.dir, 'labels'), {
			config: {
				Labels: Object.fromEntries(keys.map(key => [key, key.endsWith('init') ? 'true' : `binary://${evil}`])),
				Env: [`TSRUN_ROOT=${sandbox.dir}/elsewhere`, `TSRUN_STATE=${sandbox.dir}/elsewhere`],
			},
		});
		const plain = await witnessImage(join(sandbox.dir, 'no-labels'), {
			config: { Env: [`TSRUN_ROOT=${sandbox.dir}/elsewhere`, `TSRUN_STATE=${sandbox.dir}/elsewhere`] },
		});
		const planOf = async (name: string) => {
			const { stdout } = await execa(TSRUN, ['plan', '--format', 'json', '--hostname', 'same', name], {
				env: sandbox.env,
			});
			return stdout.replaceAll(/[0-9a-f]{64}/g, 'ID').replaceAll(/tsrun-[0-9a-f]{12}/g, 'KEYRING');
		};
		expect(await planOf(labelled)).toBe(await planOf(plain));
		expect((await planOf(plain)).length).toBeGreaterThan(1000);
		const { witness } = await runTsrun(sandbox, ['run', '--rm', labelled]);
		expect(witness.report.pid).toBe(1);
		expect(readdirSync(sandbox.dir)).not.toContain('elsewhere');
	});
});
