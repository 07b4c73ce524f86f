import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseContainerId } from '../../src/core/brands.ts';
import { createSnapshot } from '../../src/rootfs/snapshot.ts';
import { ensureImage } from '../../src/runtime/load-image.ts';
import { openStore } from '../../src/store/open-store.ts';
import { compareTrees, readTree } from './support/compare-trees.ts';
import { debianImage } from './support/debian-image.ts';
import { inTerminal } from './support/in-terminal.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { mountOverlay } from './support/overlay-view.ts';
import { createSandbox, runTsrun, TSRUN } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

const bash = (flags: readonly string[], script: string) =>
	runTsrun(sandbox, ['run', '--rm', ...flags, image, 'bash', '-c', script]);

beforeAll(async () => {
	image = `oci:${debianImage()}`;
	const first = await runTsrun(sandbox, ['run', '--rm', image, 'true'], { timeoutMs: 120_000 });
	expect([first.exitCode, first.stderr]).toEqual([0, '']);
}, 300_000 * SLOWNESS);
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

describe('a Debian that buildah made', () => {
	it('runs bash in namespaces of its own, as its image says', async () => {
		const { exitCode, stdout, stderr } = await bash(
			['--hostname', 'debian'],
			'id -un; hostname; pwd; echo "$LANG $$"; cat /home/worker/version; ls /proc | grep -c "^[0-9]"; for n in mnt uts ipc pid net cgroup; do readlink /proc/self/ns/$n; done',
		);
		expect([exitCode, stderr]).toEqual([0, '']);
		const [user, host, cwd, env, version, processes, ...namespaces] = stdout.trimEnd().split('\n');
		expect([user, host, cwd, env]).toEqual(['root', 'debian', '/home/worker', 'C.UTF-8 1']);
		expect(version).toMatch(/^\d+\.\d+|\w+\/sid$/);
		expect(Number(processes)).toBeLessThan(6);
		const own = execFileSync('bash', ['-c', 'for n in mnt uts ipc pid net cgroup; do readlink /proc/self/ns/$n; done']);
		expect(namespaces.filter(each => own.toString().includes(each))).toEqual([]);
		expect(namespaces).toHaveLength(6);
	});

	it('runs as a user by name, with the groups of the image', async () => {
		const { stdout } = await bash(
			['-u', 'worker'],
			'id; echo $HOME; cat /etc/shadow || echo refused; grep CapEff /proc/self/status',
		);
		expect(stdout).toBe(
			'uid=1234(worker) gid=1234(worker) groups=1234(worker),60(games)\n/home/worker\nrefused\nCapEff:\t0000000000000000\n',
		);
	});

	it('keeps its file capabilities, links and setuid bits', async () => {
		const { stdout } = await bash(
			['-u', 'worker'],
			'stat -c "%h %A" /usr/local/bin/linked /usr/bin/su; /usr/local/bin/linked 1 & sleep 0.3; grep CapEff /proc/$!/status',
		);
		expect(stdout).toBe('2 -rwxr-xr-x\n1 -rwsr-xr-x\nCapEff:\t0000000000002000\n');
	});

	it('obeys its limits', async () => {
		const hog = 'exec perl -e \'my @a; push @a, "x" x (1 << 20) while 1\'';
		const killed = await bash(['--memory', '32m', '--memory-swap', '32m'], hog);
		expect(killed.exitCode).toBe(137);
		expect(killed.stderr).toMatch(/memory/);
		const forks = await bash(['--pids-limit', '8'], 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; echo $?');
		expect(forks.stderr).toMatch(/fork: .*[Rr]esource temporarily unavailable|fork: retry/);
		const { stdout } = await bash(['--ulimit', 'nofile=64:128'], 'ulimit -Sn; ulimit -Hn');
		expect(stdout).toBe('64\n128\n');
	});

	it('lets bash use a terminal with jobs, history and its size', async () => {
		const terminal = inTerminal(
			[TSRUN, 'run', '--rm', '-it', '-e', 'TERM=dumb', '-e', 'PS1=ready> ', image, 'bash', '--norc'],
			{
				rows: 31,
				columns: 99,
				env: sandbox.env,
			},
		);
		await terminal.shows(/ready> $/);
		terminal.type('stty size\n');
		await terminal.shows(/\n31 99\r\nready> $/);
		// one job: whenever Ctrl-Z comes, it is the one in front
		terminal.type('sh -c "echo go\\ing; exec sleep 100"\n');
		await terminal.shows(/going/);
		terminal.type('\x1a');
		await terminal.shows(/\[1\]\+ {2}Stopped[\s\S]*ready> $/);
		terminal.type('kill %1; wait; echo "jobs:$(jobs -r)"; exit 5\n');
		const { exitCode, output, restored } = await terminal.end;
		expect([exitCode, restored]).toEqual([5, true]);
		expect(output).toMatch(/jobs:\r\n/);
		expect(output).not.toMatch(/no job control/);
	});

	it('has no network but its own loopback', async () => {
		const { stdout } = await bash([], 'cat /proc/net/dev | tail -n +3 | cut -d: -f1; getent hosts localhost | head -1');
		expect(stdout).toMatch(/^ *lo\n.*localhost/);
	});
});

describe('its unpacked tree', () => {
	it('equals the one of umoci entry by entry', { timeout: 300_000 * SLOWNESS }, async () => {
		const dir = mkdtempSync(join(tmpdir(), 'tsrun-debian-'));
		try {
			execFileSync('umoci', ['unpack', '--image', `${debianImage()}:latest`, join(dir, 'umoci')], { stdio: 'pipe' });
			const store = openStore(sandbox.root);
			const ready = await ensureImage(store, image);
			mkdirSync(join(dir, 'containers'));
			const id = parseContainerId('d'.repeat(64));
			const snapshot = createSnapshot(id, { containers: join(dir, 'containers'), ...ready });
			const view = await mountOverlay(store.layers, snapshot);
			try {
				const [theirs, ours] = [readTree(join(dir, 'umoci/rootfs')), readTree(view.path)];
				expect(compareTrees(theirs, ours)).toEqual([]);
				expect(theirs.size).toBeGreaterThan(5000);
				expect(theirs.get('usr/local/bin/linked')).toMatchObject({
					links: 'usr/local/bin/capable usr/local/bin/linked',
				});
				expect(theirs.get('usr/local/bin/capable')?.xattrs).toMatch(/^security\.capability=/);
				expect(ours.has('usr/share/doc/bash')).toBe(false);
				expect(readFileSync(join(view.path, 'usr/share/doc/kept'), 'utf8')).toBe('kept\n');
			} finally {
				await view.close();
			}
		} finally {
			rmSync(dir, { recursive: true, force: true });
		}
	});
});
