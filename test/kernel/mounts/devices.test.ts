import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCanary } from '../security/support/canary.ts';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { peer, runBundleCommand } from '../support/run-bundle.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const canary = makeCanary(join(sandbox.dir, 'canary'));
let bundle = '';
let root = '';

beforeEach(() => {
	rmSync(join(sandbox.dir, 'bundle'), { recursive: true, force: true });
	bundle = createBundle(sandbox);
	root = join(bundle, 'rootfs');
});
afterAll(() => sandbox.remove());

const RUNTIMES = [
	['tsrun', [TSRUN, 'run']],
	['runc', peer('runc', sandbox)],
] as const;

async function run(
	change: (config: Config) => void,
	runtime: readonly string[] = [TSRUN, 'run'],
	actions: readonly string[] = [],
) {
	const config = bundleConfig('report', ...actions);
	change(config);
	const result = await runBundleCommand(sandbox, { bundle, config, runtime });
	expect(canary.changes()).toEqual([]);
	return result;
}

const DEFAULTS = [
	'/dev/fd l 777 /proc/self/fd',
	'/dev/full c 666 1:7 0:0',
	'/dev/null c 666 1:3 0:0',
	'/dev/ptmx l 777 pts/ptmx',
	'/dev/random c 666 1:8 0:0',
	'/dev/stderr l 777 /proc/self/fd/2',
	'/dev/stdin l 777 /proc/self/fd/0',
	'/dev/stdout l 777 /proc/self/fd/1',
	'/dev/tty c 666 5:0 0:0',
	'/dev/urandom c 666 1:9 0:0',
	'/dev/zero c 666 1:5 0:0',
];

const seen = ({ witness }: Awaited<ReturnType<typeof run>>) =>
	witness.report.dev
		// runc has this link only where the host has the file
		.filter(({ path }) => path !== '/dev/core')
		.map(({ path, type, mode, major, minor, uid, gid, target }) =>
			[path, type, mode.toString(8), ...(target === null ? [`${major}:${minor}`, `${uid}:${gid}`] : [target])].join(
				' ',
			),
		);

describe.each(RUNTIMES)('%s: devices', (_, runtime) => {
	it('are those that every container has, on a new /dev and on one of the image', async () => {
		expect(seen(await run(() => {}, runtime))).toEqual(DEFAULTS);
		expect(seen(await run(config => config.mounts.splice(1, 1), runtime))).toEqual(DEFAULTS);
		// the root file system has them now
		expect(seen(await run(config => config.mounts.splice(1, 1), runtime))).toEqual(DEFAULTS);
	});

	it('of the configuration are made with their mode and owner, in directories that are made too', async () => {
		const result = await run(config => {
			config.linux.devices = [
				{ path: '/dev/deep/er/block', type: 'b', major: 7, minor: 300, fileMode: 0o640, uid: 12, gid: 34 },
				{ path: '/dev/pipe', type: 'p', fileMode: 0o622 },
				{ path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o20600, uid: 1 },
				{ path: '/dev/ptmx', type: 'c', major: 5, minor: 2 },
			];
		}, runtime);
		expect(result.stderr).toBe('');
		expect(seen(result)).toEqual(
			expect.arrayContaining([
				'/dev/pipe p 622 0:0 0:0',
				'/dev/zero c 600 1:5 1:0',
				'/dev/ptmx l 777 pts/ptmx',
				'/dev/deep/er d 755 0:0 0:0',
			]),
		);
	});
});

describe('devices', () => {
	it('below directories that are missing are there', async () => {
		const device = { path: '/srv/deep/block', type: 'b', major: 7, minor: 300, fileMode: 0o640, uid: 12, gid: 34 };
		const { witness } = await run(
			config => {
				config.linux.devices = [device];
			},
			undefined,
			['--', 'stat', device.path],
		);
		const rdev = (7 << 8) | (300 & 0xff) | ((300 & ~0xff) << 12);
		expect(witness.actions).toMatchObject([{ mode: 0o060640, uid: 12, gid: 34, rdev }]);
	});

	it('that are there already get the mode and owner of the configuration; another file in the place is refused', async () => {
		mkdirSync(join(root, 'srv'));
		const node = join(root, 'srv/null');
		execFileSync('mknod', ['-m', '600', node, 'c', '1', '3']);
		const asked = (config: Config) => {
			config.linux.devices = [{ path: '/srv/null', type: 'c', major: 1, minor: 3, fileMode: 0o644, uid: 5, gid: 6 }];
		};
		const { witness } = await run(asked, undefined, ['--', 'stat', '/srv/null']);
		expect(witness.actions).toMatchObject([{ mode: 0o020644, uid: 5, gid: 6 }]);
		for (const [command, ...words] of [
			['mknod', node, 'c', '1', '5'],
			['mkfifo', node],
		] as const) {
			rmSync(node);
			execFileSync(command, words);
			expect((await run(asked)).stderr).toMatch(
				/^tsrun: cannot make the device node \/srv\/null \(.*\/linux\/devices\/0\): file exists/,
			);
		}
	});

	/** CVE-2026-41579, CVE-2026-47766 */
	it.each(['absolute', 'climbing'])(
		'stay in the container where /dev of a bundle is a link to the host: %s',
		async kind => {
			rmSync(join(root, 'dev'), { recursive: true });
			symlinkSync(kind === 'absolute' ? canary.dir : `${'../'.repeat(12)}${canary.dir}`, join(root, 'dev'));
			for (const hasTmpfs of [true, false]) {
				const { stderr, witness } = await run(config => {
					if (!hasTmpfs) config.mounts.splice(1, 1);
				});
				expect(stderr).toBe('');
				expect(witness.report.dev.filter(({ type }) => type === 'c')).toHaveLength(6);
			}
		},
	);

	it('of a bound /dev are left as they are', async () => {
		mkdirSync(join(bundle, 'own'));
		writeFileSync(join(bundle, 'own/mine'), '');
		const { witness } = await run(config => {
			config.mounts[1] = { destination: '/dev', source: 'own', options: ['bind'] };
		});
		expect(witness.report.dev.map(({ path }) => path)).toEqual(['/dev/mine']);
	});

	it('of the host are bound in a user namespace', async () => {
		execFileSync('chmod', ['755', sandbox.dir]);
		execFileSync('chown', ['-R', '100000:100000', root]);
		const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
		const { stderr, witness } = await run(
			config => {
				const namespaces = [...config.linux.namespaces, { type: 'user' }];
				config.linux = { ...config.linux, uidMappings: ids, gidMappings: ids, namespaces };
			},
			undefined,
			['--', 'write', '/dev/null', 'x'],
		);
		expect(stderr).toBe('');
		expect(witness.report.dev.filter(({ type }) => type === 'c').map(({ path, uid }) => [path, uid])).toEqual(
			['full', 'null', 'random', 'tty', 'urandom', 'zero'].map(name => [`/dev/${name}`, 65_534]),
		);
		expect(witness.actions[0]?.errno).toBe(0);
	});
});

it('a source that is a link is copied as one with copy-symlink, and again at the next start', async () => {
	writeFileSync(join(bundle, 'real'), 'of the bundle');
	symlinkSync('/etc/elsewhere', join(bundle, 'link'));
	for (let time = 0; time < 2; time++) {
		const { stderr, witness } = await run(
			config => {
				config.mounts.push(
					{ destination: '/etc/copied', source: 'link', options: ['bind', 'copy-symlink'] },
					{ destination: '/etc/bound', source: 'real', options: ['bind', 'copy-symlink'] },
				);
			},
			undefined,
			['--', 'stat', '/etc/copied', '--', 'read', '/etc/bound'],
		);
		expect(stderr).toBe('');
		expect((Number(witness.actions[0]?.mode) & 0o170000).toString(8)).toBe('120000');
		expect(witness.actions[1]?.text).toBe('of the bundle');
	}
});
