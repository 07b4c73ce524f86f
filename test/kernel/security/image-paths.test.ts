import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { witnessImage } from '../support/witness-image.ts';
import { makeCanary } from './support/canary.ts';

const sandbox = createSandbox();
const canary = makeCanary(join(sandbox.dir, 'canary'));
const volume = join(sandbox.dir, 'volume');

beforeAll(() => {
	mkdirSync(volume);
	writeFileSync(join(volume, 'mine'), 'of the volume\n');
});
afterEach(() => {
	expect(canary.changes()).toEqual([]);
});
afterAll(() => sandbox.remove());

let count = 0;
/** An image of one kind of hostility; its links lead to the canary. */
const hostile = (
	files: readonly {
		readonly name: string;
		readonly linkname?: string;
		readonly data?: string;
		readonly mode?: number;
	}[],
	config: Readonly<Record<string, unknown>> = {},
): Promise<string> => witnessImage(join(sandbox.dir, `image-${count++}`), { busybox: true, files, config });
const climb = `${'../'.repeat(12)}${canary.dir.slice(1)}`;

describe('a directory that tsrun mounts on is a link of the image to a directory of the host', () => {
	/** CVE-2023-27561, CVE-2023-28642, CVE-2025-54867, CVE-2019-19921, CVE-2026-41579, CVE-2026-47766 */
	it.each([
		['/proc', 'absolute', canary.dir],
		['/proc', 'climbing', climb],
		['/sys', 'absolute', canary.dir],
		['/sys', 'climbing', climb],
	])('%s, %s: refused before anything runs', async (path, _, linkname) => {
		const image = await hostile([{ name: path.slice(1), linkname }]);
		const result = await runTsrun(sandbox, ['run', '--rm', image]);
		expect(result.exitCode).toBe(125);
		expect(result.stdout).toBe('');
		expect(result.stderr).toMatch(/^tsrun: .+\n/);
	});

	it.each([
		['/dev', 'absolute', canary.dir],
		['/dev', 'climbing', climb],
		['/etc', 'absolute', canary.dir],
		['/etc', 'climbing', climb],
		['/dev/pts', 'absolute', `${canary.dir}/pts`],
		['/dev/shm', 'climbing', `${climb}/shm`],
		['/sys/fs/cgroup', 'absolute', `${canary.dir}/fs/cgroup`],
	])('%s, %s: what is made there is made in the container', async (path, _, linkname) => {
		const image = await hostile([{ name: path.slice(1), linkname }]);
		const { witness, exitCode } = await runTsrun(sandbox, ['run', '--rm', '--user', '0', image]);
		expect(exitCode).toBe(0);
		expect(foreignMounts(witness.report.mounts)).toEqual([]);
		expect(witness.report.dev.filter(({ type }) => type === 'c').length).toBeGreaterThanOrEqual(6);
	});
});

describe('a file that tsrun brings is a link of the image to a file of the host (CVE-2025-24965)', () => {
	it.each(['hosts', 'hostname', 'resolv.conf'])('/etc/%s', async name => {
		for (const linkname of [`${canary.dir}/${name}`, `${climb}/${name}`, `${canary.dir}/new-${name}`]) {
			const image = await hostile([{ name: `etc/${name}`, linkname }]);
			const { stdout, exitCode } = await runTsrun(sandbox, [
				...['run', '--rm', '--hostname', 'inside', '--dns', '192.0.2.1', '--entrypoint', '/bin/busybox', image],
				...['cat', `/etc/${name}`],
			]);
			expect(exitCode).toBe(0);
			expect(stdout).toMatch(/inside|192\.0\.2\.1/);
			expect(stdout).not.toContain('canary');
		}
	});
});

describe('the destination of a mount leads over a link of the image (CVE-2019-18837)', () => {
	it.each([
		['an absolute link', [{ name: 'way', linkname: canary.dir }], '/way/sub'],
		['a climbing link', [{ name: 'way', linkname: climb }], '/way/sub/deep'],
		['the last part itself', [{ name: 'way', linkname: canary.dir }], '/way'],
		['a dangling link', [{ name: 'way', linkname: `${canary.dir}/not/there` }], '/way'],
		['a dangling link in the middle', [{ name: 'way', linkname: `${climb}/not` }], '/way/there'],
		[
			'links to links',
			[
				{ name: 'a', linkname: 'b' },
				{ name: 'b', linkname: `/c/..${canary.dir}` },
				{ name: 'c', linkname: '/' },
			],
			'/a/sub',
		],
		['..', [], `/tmp/../../../..${canary.dir}/sub`],
	] as const)('%s: it is mounted in the container', async (_, files, destination) => {
		const image = await hostile(files);
		for (const flags of [
			['-v', `${volume}:${destination}`],
			['--tmpfs', destination],
		] as const) {
			const { witness, exitCode, stderr } = await runTsrun(sandbox, [
				...['run', '--rm', ...flags, image],
				...['report', '--', 'stat', `${destination}/mine`, '--', 'mkdir', `${destination}/made`],
			]);
			expect([stderr, exitCode]).toEqual(['', 0]);
			expect(foreignMounts(witness.report.mounts)).toEqual([]);
			expect(witness.actions.map(({ errno }) => errno)).toEqual([flags[0] === '-v' ? 0 : 2, 0]);
			rmSync(join(volume, 'made'), { recursive: true, force: true });
		}
	});

	it('a link to itself is an error that names the destination', async () => {
		const image = await hostile([
			{ name: 'loop', linkname: 'pool' },
			{ name: 'pool', linkname: 'loop' },
		]);
		for (const destination of ['/loop', '/loop/below']) {
			const result = await runTsrun(sandbox, ['run', '--rm', '-v', `${volume}:${destination}`, image]);
			expect(result.exitCode).toBe(125);
			expect(result.stderr).toMatch(/\/loop/);
		}
	});

	it('a missing file to mount a file on is made in the container (CVE-2024-45310)', async () => {
		const image = await hostile([{ name: 'way', linkname: canary.dir }]);
		const { stdout } = await runTsrun(sandbox, [
			...['run', '--rm', '-v', `${volume}/mine:/way/new/file`, '--entrypoint', '/bin/busybox', image],
			...['cat', '/way/new/file'],
		]);
		expect(stdout).toBe('of the volume\n');
	});
});

describe('what the image’s configuration names leads over a link', () => {
	it('VOLUME: the volume starts empty, not with the host’s files (CVE-2022-23648)', async () => {
		for (const linkname of [canary.dir, climb]) {
			const image = await hostile([{ name: 'data', linkname }], { Volumes: { '/data': {} } });
			const { stdout, exitCode } = await runTsrun(sandbox, [
				...['run', '--rm', '--entrypoint', '/bin/busybox', image],
				...['find', '/data/', '-type', 'f'],
			]);
			expect([exitCode, stdout]).toEqual([0, '']);
		}
	});

	it('WorkingDir: it is in the container', async () => {
		for (const [linkname, directory] of [
			[canary.dir, '/work/sub'],
			[climb, '/work/new/made'],
			['/proc/1/root', '/work/tmp'],
		] as const) {
			const image = await hostile([{ name: 'work', linkname }], { WorkingDir: directory });
			const { exitCode, stdout } = await runTsrun(sandbox, [
				...['run', '--rm', '--entrypoint', '/bin/sh', image],
				...['-c', 'pwd -P; ls'],
			]);
			expect(exitCode === 125 || exitCode === 0).toBe(true);
			expect(stdout).not.toMatch(/unreachable|file|hosts/);
		}
	});
});

describe('masked paths (CVE-2025-31133, CVE-2025-62161)', () => {
	it('are covered by the host’s null device, whatever the image or a volume has at /dev/null', async () => {
		const devices = join(sandbox.dir, 'devices');
		mkdirSync(devices);
		execFileSync('mknod', [join(devices, 'null'), 'c', '1', '3']);
		for (const linkname of ['/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern']) {
			const image = await hostile([{ name: 'dev/null', linkname }]);
			for (const flags of [[], ['-v', `${devices}:/dev`]]) {
				const { witness } = await runTsrun(sandbox, ['run', '--rm', ...flags, image]);
				const masked = witness.report.mounts.filter(line => /^\S+ \S+ \S+ \S+ \/proc\/(keys|timer_list) /.test(line));
				expect(masked.length).toBeGreaterThan(0);
				for (const line of masked) expect(line).toMatch(/ \/null \/proc\//);
			}
		}
	});

	it('and what a volume has at /dev/null instead is not what standard input opens', async () => {
		const devices = join(sandbox.dir, 'devices-with-link');
		mkdirSync(devices);
		const image = await hostile([]);
		for (const make of [
			() => symlinkSync('/etc/passwd', join(devices, 'null')),
			() => writeFileSync(join(devices, 'null'), 'of root alone', { mode: 0o600 }),
			() => execFileSync('mknod', [join(devices, 'null'), 'c', '1', '5']),
		]) {
			rmSync(join(devices, 'null'), { force: true });
			make();
			const result = await runTsrun(sandbox, ['run', '--rm', '-u', 'guest', '-v', `${devices}:/dev`, image]);
			expect([result.exitCode, result.stdout]).toEqual([125, '']);
			expect(result.stderr).toMatch(/\/dev\/null/);
		}
	});

	it('cannot be read or written through', async () => {
		const image = await hostile([]);
		const { witness } = await runTsrun(sandbox, [
			...['run', '--rm', image, 'read', '/proc/timer_list'],
			...['--', 'write', '/proc/sysrq-trigger', 'h', '--', 'write', '/proc/sys/kernel/core_pattern', '|/x'],
		]);
		const [read, trigger, pattern] = witness.actions;
		expect(read?.text).toBe('');
		expect(trigger?.errno).not.toBe(0);
		expect(pattern?.errno).not.toBe(0);
	});
});

/** Mounts that show the canary, or the directory above it, anywhere in the container. */
function foreignMounts(mounts: readonly string[]): readonly string[] {
	return mounts.filter(line => {
		const source = line.split(' ')[3] ?? '';
		return source.includes('/canary') || (sandbox.dir.endsWith(source.slice(1)) && source.length > 1);
	});
}
