import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleForNode } from './support/bundle-for-node.ts';

const BUSYBOX = '/bin/busybox';
let bundle: Bundle;
let rootfs: string;

beforeAll(async () => {
	bundle = await bundleForNode('examples/by-hand.ts');
	rootfs = mkdtempSync(join(tmpdir(), 'by-hand-rootfs-'));
	mkdirSync(join(rootfs, 'bin'));
	copyFileSync(BUSYBOX, join(rootfs, BUSYBOX));
	chmodSync(join(rootfs, BUSYBOX), 0o755);
});

afterAll(() => {
	bundle.remove();
	rmSync(rootfs, { recursive: true });
});

function byHand(script: string): { readonly lines: readonly string[]; readonly status: number | null } {
	const args = [bundle.path, rootfs, BUSYBOX, 'sh', '-c', script.replaceAll('@', `${BUSYBOX} `)];
	const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
	expect(stderr).toBe('');
	return { lines: stdout.trimEnd().split('\n'), status };
}

/** What a container could leave: mounts, cgroups, directories. */
function traces(): readonly string[] {
	const groups = existsSync('/sys/fs/cgroup/cgroup.controllers') ? [''] : ['memory', 'pids'];
	const places = [tmpdir(), ...groups.map(group => join('/sys/fs/cgroup', group))];
	const found = places.flatMap(place => readdirSync(place).filter(name => /^by-hand-(?!rootfs)/.test(name)));
	const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
	return [...found, ...mounts.filter(line => line.includes('by-hand-'))];
}

describe('examples/by-hand.ts', () => {
	it('runs the program as process 1, with a host name and a root of its own', () => {
		const before = hostname();
		const { lines, status } = byHand('@hostname; echo $$; echo /*; echo /proc/[0-9]*');
		expect(lines).toEqual(['by-hand', '1', '/bin /dev /proc', '/proc/1']);
		expect(status).toBe(0);
		expect(hostname()).toBe(before);
	});

	it('gives it five new namespaces', () => {
		const kinds = ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup'];
		const { lines } = byHand(kinds.map(kind => `@readlink /proc/self/ns/${kind}`).join('; '));
		const isNew = kinds.map((kind, index) => lines[index] !== readlinkSync(`/proc/self/ns/${kind}`));
		expect(isNew).toEqual([true, true, true, true, true, false, false]);
	});

	it('sets its limits', async () => {
		const args = [bundle.path, rootfs, BUSYBOX, 'sh', '-c', `${BUSYBOX} cat /proc/self/cgroup; read line`];
		const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
		const [groups] = (await once(child.stdout, 'data')) as [Buffer];
		const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
		const name = /by-hand-\w+/.exec(groups.toString())?.[0] ?? 'none';
		const read = (controller: string, file: string) =>
			readFileSync(join('/sys/fs/cgroup', isV2 ? '' : controller, name, file), 'utf8').trim();
		const limits = [read('memory', isV2 ? 'memory.max' : 'memory.limit_in_bytes'), read('pids', 'pids.max')];
		child.stdin.end();
		await once(child, 'exit');
		expect(limits).toEqual([`${64 * 1024 * 1024}`, '32']);
	});

	it('stops the program where the limit on processes is', () => {
		const start = 'i=0; while [ $i -lt 60 ]; do @sleep 20 & i=$((i+1)); done';
		const args = [bundle.path, rootfs, BUSYBOX, 'sh', '-c', start.replaceAll('@', `${BUSYBOX} `)];
		const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
		expect(stderr).toMatch(/can't fork/);
		expect(status).toBe(2);
	});

	it('hands the exit code on and leaves the rootfs as it was', () => {
		const { status } = byHand('echo changed > /written; exit 7');
		expect(status).toBe(7);
		expect(existsSync(join(rootfs, 'written'))).toBe(false);
	});

	it('leaves nothing behind, not even after a failure', () => {
		const { stderr, status } = spawnSync(process.execPath, [bundle.path, rootfs, '/no/such/program'], {
			encoding: 'utf8',
		});
		expect(stderr).toMatch(/execve\(path "\/no\/such\/program".*ENOENT, no such file or directory/);
		expect(status).toBe(1);
		expect(traces()).toEqual([]);
	});
});
