import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SLOWNESS } from './support/slowness.ts';

const BUILD = resolve(import.meta.dirname, '../../rootfs-fixtures/build.mjs');
const dir = mkdtempSync(join(tmpdir(), 'tsrun-first-image-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.each(['busybox', 'host'])('the image of the first run, made from %s', from => {
	const image = join(dir, from);
	execFileSync(process.execPath, [BUILD, '--from', from, image]);
	const bundle = join(dir, `${from}-bundle`);
	execFileSync('umoci', ['unpack', '--image', `${image}:latest`, bundle], { stdio: 'pipe' });
	const inImage = (command: string): string =>
		execFileSync('chroot', [join(bundle, 'rootfs'), 'sh', '-c', command], {
			encoding: 'utf8',
			env: { PATH: '/bin:/usr/sbin' },
		});

	it('runs its shell and the commands that it has', () => {
		expect(inImage('echo hello | tr a-z A-Z; id -u; ls /etc')).toBe('HELLO\n0\ngroup\nmotd\npasswd\n');
	});

	it('shows what the last layer changed, without what it deleted', () => {
		expect(inImage('cat /etc/motd; test -e /etc/draft || echo gone')).toBe('hello from three layers\ngone\n');
	});
});

describe("the host's own commands in the image", () => {
	it('find their loader and their libraries', () => {
		const root = join(dir, 'host-bundle/rootfs');
		const names = readdirSync(join(root, 'bin'));
		const failing = names.filter(name => {
			const { status } = spawnSync('chroot', [root, `/bin/${name}`, '--help'], {
				stdio: 'ignore',
				timeout: 10_000 * SLOWNESS,
			});
			return status === null || status === 126 || status === 127;
		});
		expect(names.length).toBeGreaterThan(20);
		expect(failing).toEqual([]);
	});
});
