import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseIdMap, readNamespaceFiles } from '../../../src/host/read-namespace-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'tsrun-namespaces-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string): string => join(directory, name);

it.each(['mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup'])('knows the %s namespace of its own process', type => {
	const path = `/proc/${process.pid}/ns/${type}`;
	expect(readNamespaceFiles([path])).toEqual({ [path]: { kind: 'namespace', type, isOwn: true } });
});

it('tells the ids of a user namespace of /proc', () => {
	const path = `/proc/${process.pid}/ns/user`;
	expect(readNamespaceFiles([path])[path]).toMatchObject({
		kind: 'namespace',
		type: 'user',
		isOwn: true,
		ids: { uid: parseIdMap(execFileSync('cat', ['/proc/self/uid_map'], { encoding: 'latin1' })) },
	});
});

it('takes no file for a namespace, whatever it is called, and waits for no fifo', () => {
	writeFileSync(at('net:[4026531840]'), '');
	execFileSync('mkfifo', [at('fifo')]);
	const paths = [at('net:[4026531840]'), at('fifo'), directory, '/dev/null'];
	expect(Object.values(readNamespaceFiles(paths))).toEqual(paths.map(() => ({ kind: 'other' })));
});

it('tells the errno of what cannot be opened', () => {
	expect(readNamespaceFiles([at('nothing')])[at('nothing')]).toEqual({ kind: 'unreadable', errno: 2 });
});

it('reads id maps as the kernel writes them', () => {
	expect(parseIdMap('         0     100000      65534\n      1000       1000          1\n')).toEqual([
		{ containerID: 0, hostID: 100_000, size: 65_534 },
		{ containerID: 1000, hostID: 1000, size: 1 },
	]);
});
