import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CgroupLayout } from '../../../src/host/cgroup-layout.ts';
import { readCgroupFacts } from '../../../src/host/read-cgroup-facts.ts';

const kernel = { release: '5.10.0', major: 5, minor: 10 };
let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function files(contents: Readonly<Record<string, string>>): void {
	for (const [path, text] of Object.entries(contents)) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
}
const unified = (): CgroupLayout => ({
	mode: 'unified',
	unified: { mountpoint: root, root: '/', self: '/', writable: true },
	hierarchies: [],
});
const legacy = (...controllers: readonly string[]): CgroupLayout => ({
	mode: 'legacy',
	hierarchies: controllers.map(name => ({
		mountpoint: join(root, name),
		controllers: [name],
		root: '/',
		self: '/',
		writable: true,
	})),
});

describe('readCgroupFacts', () => {
	it('reads what the root of cgroup2 offers', () => {
		files({ 'cgroup.controllers': 'cpuset cpu io memory\n', 'io.cost.qos': '' });
		expect(readCgroupFacts({ layout: unified(), kernel })).toEqual({
			mode: 'unified',
			unified: {
				mountpoint: root,
				controllers: ['cpuset', 'cpu', 'io', 'memory'],
				hasKill: false,
				writable: true,
				delegate: expect.arrayContaining(['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']),
				ioWeightFile: 'io.weight',
			},
			hierarchies: [],
		});
	});

	it('knows cgroup.kill by the kernel, or by the file', () => {
		files({ 'cgroup.controllers': '' });
		const hasKill = (minor: number): boolean | undefined =>
			readCgroupFacts({ layout: unified(), kernel: { ...kernel, minor } }).unified?.hasKill;
		expect([hasKill(13), hasKill(14)]).toEqual([false, true]);
		files({ 'cgroup.kill': '' });
		expect(hasKill(13)).toBe(true);
	});

	it('tells what is enabled below a cgroup that holds processes', () => {
		files({
			'cgroup.controllers': 'memory pids\n',
			'cgroup.type': 'domain\n',
			'cgroup.procs': '1\n',
			'cgroup.subtree_control': 'pids\n',
		});
		expect(readCgroupFacts({ layout: unified(), kernel }).unified?.enabled).toEqual(['pids']);
		files({ 'cgroup.procs': '' });
		expect(readCgroupFacts({ layout: unified(), kernel }).unified?.enabled).toBeUndefined();
	});

	it('tells the weight file of blkio', () => {
		files({ 'blkio/cgroup.procs': '' });
		expect(readCgroupFacts({ layout: legacy('blkio'), kernel }).hierarchies[0]?.weightFile).toBe('blkio.bfq.weight');
		files({ 'blkio/blkio.weight': '500\n' });
		expect(readCgroupFacts({ layout: legacy('blkio'), kernel }).hierarchies[0]?.weightFile).toBe('blkio.weight');
	});

	it('finds the deepest cpuset on the way that is filled', () => {
		files({ 'cpuset/cpuset.cpus': '0-7\n', 'cpuset/cpuset.mems': '0\n' });
		const base = (): unknown => readCgroupFacts({ layout: legacy('cpuset'), kernel, cgroupsPath: '/tsrun/web' }).cpuset;
		expect(base()).toEqual({ path: '/', cpus: '0-7', mems: '0' });
		files({ 'cpuset/tsrun/cpuset.cpus': '\n', 'cpuset/tsrun/cpuset.mems': '\n' });
		expect(base()).toEqual({ path: '/', cpus: '0-7', mems: '0' });
		files({ 'cpuset/tsrun/cpuset.cpus': '2-3\n', 'cpuset/tsrun/cpuset.mems': '0\n' });
		expect(base()).toEqual({ path: '/tsrun', cpus: '2-3', mems: '0' });
	});
});

describe('what is at the container’s place', () => {
	const found = (cgroupsPath: string) => readCgroupFacts({ layout: unified(), kernel, cgroupsPath }).found;

	it('is told with its processes, also those below, and whether it is frozen', () => {
		files({ 'cgroup.controllers': '', 'a/b/cgroup.procs': '1\n2\n', 'a/b/c/cgroup.procs': '3\n' });
		expect(found('/a/b')).toEqual([{ path: join(root, 'a/b'), processes: 3, frozen: false }]);
		files({ 'a/b/cgroup.freeze': '1\n' });
		expect(found('/a/b')?.[0]?.frozen).toBe(true);
	});

	it('is nothing as a rule, and never the root', () => {
		files({ 'cgroup.controllers': '', 'cgroup.procs': '1\n' });
		expect([found('/a'), found('/'), found('')]).toEqual([undefined, undefined, undefined]);
	});
});
