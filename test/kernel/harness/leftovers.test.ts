import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type HostState, leftovers, readHostState } from '../support/leftovers.ts';
import { createSandbox } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.remove());

/** What the auditor says while `make` stands, having checked that it says nothing before and after. */
async function noticed(make: () => (() => void) | Promise<() => void>): Promise<readonly string[]> {
	const before: HostState = readHostState(sandbox);
	const undo = await make();
	const found = await leftovers(sandbox, before, 0);
	undo();
	expect(await leftovers(sandbox, before)).toEqual([]);
	return found;
}

describe('the auditor of leftovers', () => {
	it('says nothing where nothing was left', async () => {
		expect(await leftovers(sandbox, readHostState(sandbox))).toEqual([]);
	});

	it('notices a file of the state directory, and of a container, and passes over a blob of the store', async () => {
		const found = await noticed(() => {
			mkdirSync(join(sandbox.root, 'images/blobs/sha256/00'), { recursive: true });
			mkdirSync(sandbox.state, { recursive: true });
			mkdirSync(join(sandbox.root, 'containers/abc'), { recursive: true });
			writeFileSync(join(sandbox.state, 'abc.json'), '');
			return () => {
				rmSync(sandbox.state, { recursive: true });
				rmSync(sandbox.root, { recursive: true });
			};
		});
		expect(found.toSorted()).toEqual(['files: root/containers/abc', 'files: state/abc.json']);
	});

	it('notices a cgroup', async () => {
		const parent = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup'].find(folder => canMake(`${folder}/tsrun-audit`)) ?? '';
		const path = `${parent}/tsrun-audit`;
		const found = await noticed(() => {
			mkdirSync(path);
			return () => rmdirSync(path);
		});
		expect(found).toEqual([`cgroups: ${path}`]);
	});

	it('notices a process in a pid namespace of its own', async () => {
		const found = await noticed(async () => {
			const child = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', 'echo up; exec sleep 600']);
			await once(child.stdout, 'data');
			return () => child.kill('SIGKILL');
		});
		expect(found).toHaveLength(1);
		expect(found[0]).toMatch(/^processes: \d+ (sh|sleep) pid:\[\d+\] net:\[\d+\]$/);
	});
});

function canMake(path: string): boolean {
	try {
		mkdirSync(path);
		rmdirSync(path);
		return true;
	} catch {
		return false;
	}
}
