import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDigest } from '../../../src/core/brands.ts';
import {
	type ContainerFilesInput,
	containerFilePaths,
	writeContainerFiles,
} from '../../../src/runtime/container-files.ts';
import { DEFAULT_RUN_OPTIONS, type MountRequest } from '../../../src/spec/run-options.ts';
import { ID, IMAGE } from '../spec/spec-input-fixture.ts';

const DIGEST = parseDigest(`sha256:${'0'.repeat(64)}`);
const BINDS = {
	kind: 'bind',
	destination: '/x',
	readonly: false,
	propagation: 'rprivate',
	recursive: 'enabled',
} as const;

let root = '';
let umask = 0;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-files-'));
	mkdirSync(join(root, 'containers'));
	mkdirSync(join(root, 'layer'));
	umask = process.umask(0o077);
});
afterEach(() => {
	process.umask(umask);
	rmSync(root, { recursive: true, force: true });
});

const modeOf = (path: string): number => statSync(path).mode & 0o7777;
const directory = (): string => join(root, 'containers', ID);

function write(rest: Partial<ContainerFilesInput> = {}): void {
	// The root of the overlay belongs to whoever runs the test, so that no privilege is needed.
	const owner = {
		mode: 0o755,
		uid: process.getuid?.() ?? 0,
		gid: process.getgid?.() ?? 0,
		mtimeSec: 0,
		mtimeNsec: 0,
		xattrs: [],
	};
	writeContainerFiles({
		id: ID,
		state: { root: '/run/tsrun' },
		image: {
			name: 'busybox',
			manifestDigest: DIGEST,
			configDigest: DIGEST,
			config: {
				architecture: 'amd64',
				os: 'linux',
				rootfs: { type: 'layers', diffIds: [] },
				config: IMAGE,
				history: [],
			} as never,
			layerDirs: [join(root, 'layer')],
			root: owner,
		},
		directory: directory(),
		spec: { ociVersion: '1.1.0', hostname: 'web' },
		options: DEFAULT_RUN_OPTIONS,
		...rest,
	});
}

describe('containerFilePaths', () => {
	it('keeps the three files in the directory of the container', () => {
		expect(containerFilePaths('/c')).toEqual({
			hosts: '/c/hosts',
			hostname: '/c/hostname',
			resolvConf: '/c/resolv.conf',
		});
	});
});

describe('writeContainerFiles', () => {
	it('makes the directories of the overlay in one that is closed to others', () => {
		write();
		expect(modeOf(directory())).toBe(0o700);
		for (const name of ['upper', 'work', 'merged']) expect(statSync(join(directory(), name)).isDirectory()).toBe(true);
	});

	it('writes /etc files that every user of the container can read, whatever the umask', () => {
		write();
		for (const path of Object.values(containerFilePaths(directory()))) expect(modeOf(path)).toBe(0o644);
		expect(readFileSync(join(directory(), 'hostname'), 'utf8')).toBe('web\n');
		expect(readFileSync(join(directory(), 'hosts'), 'utf8')).toMatch(/^127\.0\.0\.1\s+localhost$/m);
	});

	it('takes the host’s name where the container shares its uts namespace', () => {
		write({ spec: { ociVersion: '1.1.0' } });
		expect(readFileSync(join(directory(), 'hostname'), 'utf8')).toBe(`${hostname()}\n`);
	});

	it('keeps the configuration, closed to others since it holds the environment', () => {
		write();
		expect(JSON.parse(readFileSync(join(directory(), 'config.json'), 'utf8'))).toMatchObject({ hostname: 'web' });
		expect(modeOf(join(directory(), 'config.json'))).toBe(0o600);
	});

	it('makes a missing source of -v, and none of --mount', () => {
		const bind = (name: string, createSource: boolean): MountRequest => ({
			...BINDS,
			source: join(root, name),
			createSource,
		});
		write({ options: { ...DEFAULT_RUN_OPTIONS, mounts: [bind('made/deep', true), bind('missing', false)] } });
		expect([existsSync(join(root, 'made/deep')), existsSync(join(root, 'missing'))]).toEqual([true, false]);
	});

	it('refuses a directory that is there already', () => {
		write();
		expect(() => write()).toThrow('EEXIST');
	});
});
