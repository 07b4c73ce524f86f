#!/usr/bin/env node
// build.mjs [--from busybox|host] [dir]: makes the image of the first run, of what this machine has, as an OCI image layout.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toolEntries } from './host-tools.mjs';
import { writeOciLayout } from './oci-layout.mjs';

const DEFAULT_DIR = resolve(import.meta.dirname, '../dist/images/hello');

const base = [
	...['bin/', 'dev/', 'etc/', 'home/', 'proc/', 'run/', 'sys/', 'usr/', 'usr/bin/', 'var/'].map(name => ({
		name,
		mode: 0o755,
	})),
	{ name: 'home/guest/', mode: 0o755, uid: 1000, gid: 1000 },
	{ name: 'root/', mode: 0o700 },
	{ name: 'tmp/', mode: 0o1777 },
	{ name: 'var/tmp/', mode: 0o1777 },
	{
		name: 'etc/passwd',
		data: 'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/home/guest:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
	},
	{ name: 'etc/group', data: 'root:x:0:\nusers:x:100:guest\nguest:x:1000:\nnogroup:x:65534:\n' },
	{ name: 'etc/motd', data: 'the first layer writes this file, the third one changes it\n' },
	{ name: 'etc/draft', data: 'the third layer deletes this file\n' },
];

const last = [
	{ name: 'etc/.wh.draft', mode: 0o600 },
	{ name: 'etc/motd', data: 'hello from three layers\n' },
];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { from: { type: 'string' } } });

await writeOciLayout(resolve(positionals[0] ?? DEFAULT_DIR), {
	layers: [
		{ note: 'directories and users', entries: base },
		{ note: 'the commands of the machine it was made on', entries: toolEntries(values.from) },
		{ note: 'delete etc/draft, change etc/motd', entries: last },
	],
	config: {
		Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
		Cmd: ['sh'],
		WorkingDir: '/root',
	},
});
