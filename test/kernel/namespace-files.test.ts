import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundleForNode } from './support/bundle-for-node.ts';
import { PRIVATE_MOUNTS } from './support/private-mounts.ts';

const directory = mkdtempSync(join(tmpdir(), 'tsrun-namespace-files-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('knows a namespace by its bind mount, as network plugins and `ip netns` leave it', async () => {
	const [made, own, file] = ['made', 'own', 'file'].map(name => join(directory, name));
	for (const path of [made, own, file]) writeFileSync(path ?? '', '');
	const { path, remove } = await bundleForNode('src/host/read-namespace-files.ts');
	// `ip netns add` makes the namespace and the mount.
	const script = `
		mount -t tmpfs tmpfs /run && ip netns add made && mount --bind /run/netns/made "$0"
		mount --bind /proc/self/ns/net "$1"
		mount --bind "$2" "$2"
		exec node --input-type=module -e "$3"`;
	const program = `
		const { readNamespaceFiles } = await import(${JSON.stringify(path)});
		console.log(JSON.stringify(Object.values(readNamespaceFiles(${JSON.stringify([made, own, file])}))));`;
	try {
		const [command = '', ...words] = [
			...PRIVATE_MOUNTS,
			'sh',
			'-c',
			script,
			made ?? '',
			own ?? '',
			file ?? '',
			program,
		];
		expect(JSON.parse(execFileSync(command, words, { encoding: 'utf8' }))).toEqual([
			{ kind: 'namespace', type: 'net', isOwn: false },
			{ kind: 'namespace', type: 'net', isOwn: true },
			{ kind: 'other' },
		]);
	} finally {
		remove();
	}
});
