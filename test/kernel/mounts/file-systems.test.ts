import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { mountsAt, peer, runBundleCommand } from '../support/run-bundle.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';
import type { WitnessAction } from '../support/witness.ts';

const sandbox = createSandbox();
let bundle = '';
let root = '';

beforeEach(() => {
	rmSync(join(sandbox.dir, 'bundle'), { recursive: true, force: true });
	bundle = createBundle(sandbox);
	root = join(bundle, 'rootfs');
});
afterAll(() => sandbox.remove());

const tmpfs = (destination: string, ...options: readonly string[]) => ({
	destination,
	type: 'tmpfs',
	source: 'tmpfs',
	options,
});
const modeOf = (action: WitnessAction | undefined) => (Number(action?.mode) & 0o7777).toString(8);

interface Setting {
	readonly mounts?: readonly object[];
	readonly actions?: readonly (readonly string[])[];
	readonly change?: (config: Config) => void;
	readonly runtime?: readonly string[];
}

/** Runs the witness with mounts added: the report, then what came of each action. */
async function seen({ mounts = [], actions = [], change = () => {}, runtime }: Setting) {
	const config = bundleConfig('report', ...actions.flatMap(words => ['--', ...words]));
	config.mounts.push(...mounts);
	change(config);
	const result = await runBundleCommand(sandbox, { bundle, config, ...(runtime === undefined ? {} : { runtime }) });
	expect(result.stderr).toBe('');
	return {
		...result.witness.report,
		actions: result.witness.actions,
		errnos: result.witness.actions.map(({ errno }) => errno),
	};
}

describe.each([
	['tsrun', [TSRUN, 'run']],
	['runc', peer('runc', sandbox)],
] as const)('%s: a tmpfs', (_, runtime) => {
	it('has the mode of the directory that it covers, unless an option says otherwise', async () => {
		mkdirSync(join(root, 'there'));
		chmodSync(join(root, 'there'), 0o2710);
		const mounts = [tmpfs('/there'), tmpfs('/there/new/place'), tmpfs('/there/new/place/own', 'mode=1500')];
		const actions = mounts.map(({ destination }) => ['stat', destination]);
		const { actions: stats } = await seen({ mounts, actions, runtime });
		expect(stats.map(modeOf)).toEqual(['2710', '1777', '1500']);
		expect((statSync(join(root, 'there')).mode & 0o7777).toString(8)).toBe('2710');
	});

	it('holds no more than its size', async () => {
		const { errnos } = await seen({
			mounts: [tmpfs('/m', 'size=4k', 'nr_inodes=2')],
			actions: [
				['write', '/m/a', 'x'],
				['mkdir', '/m/b'],
			],
			runtime,
		});
		expect(errnos).toEqual([0, 28]);
	});

	it('that is read-only still gets the places of the mounts inside it', async () => {
		const { errnos, mounts } = await seen({
			mounts: [tmpfs('/m', 'ro', 'nosuid'), tmpfs('/m/inside/deep')],
			actions: [
				['mkdir', '/m/b'],
				['mkdir', '/m/inside/deep/b'],
			],
			runtime,
		});
		expect(errnos).toEqual([30, 0]);
		expect(mountsAt(mounts, '/m')[0]?.options.join()).toMatch(/^ro,nosuid/);
	});

	it('with tmpcopyup starts with what it covers: contents, modes and links', async () => {
		const there = join(root, 'there');
		mkdirSync(join(there, 'dir/sub'), { recursive: true });
		writeFileSync(join(there, 'dir/file'), 'contents\n');
		writeFileSync(join(there, 'dir/suid'), '');
		chmodSync(join(there, 'dir/suid'), 0o4755);
		chmodSync(join(there, 'dir/sub'), 0o1755);
		symlinkSync('/etc/passwd', join(there, 'link'));
		const { actions } = await seen({
			mounts: [tmpfs('/there', 'tmpcopyup')],
			actions: [
				['read', '/there/dir/file'],
				...['dir/suid', 'dir/sub', 'link', 'dir/file'].map(name => ['stat', `/there/${name}`]),
				['write', '/there/dir/file', 'changed\n'],
			],
			runtime,
		});
		expect(actions[0]?.text).toBe('contents\n');
		expect(actions.slice(1, 3).map(modeOf)).toEqual(['4755', '1755']);
		expect((Number(actions[3]?.mode) & 0o170000).toString(8)).toBe('120000');
		expect(actions.at(-1)?.errno).toBe(0);
		expect(execFileSync('cat', [join(there, 'dir/file')], { encoding: 'utf8' })).toBe('contents\n');
	});
});

describe('tmpcopyup', () => {
	it('has the modes of the image, whatever the caller’s mask (runc 1.1 had not)', async () => {
		mkdirSync(join(root, 'there'));
		mkdirSync(join(root, 'there/open'));
		chmodSync(join(root, 'there/open'), 0o777);
		const { actions } = await seen({ mounts: [tmpfs('/there', 'tmpcopyup')], actions: [['stat', '/there/open']] });
		expect(actions.map(modeOf)).toEqual(['777']);
	});

	it('keeps owners, follows no link, leaves sockets and pipes out, and copies large files whole', async () => {
		const there = join(root, 'there');
		mkdirSync(join(there, 'dir'), { recursive: true });
		writeFileSync(join(there, 'dir/large'), Buffer.alloc(3_000_000, 'x'));
		for (const name of ['dir', 'dir/large']) chownSync(join(there, name), 12, 34);
		symlinkSync(join(sandbox.dir, 'nowhere'), join(there, 'away'));
		execFileSync('mkfifo', [join(there, 'pipe')]);
		const { actions } = await seen({
			mounts: [tmpfs('/there', 'tmpcopyup', 'size=16m')],
			actions: ['dir', 'dir/large', 'away', 'pipe'].map(name => ['stat', `/there/${name}`]),
		});
		expect(actions.slice(0, 2).map(({ uid, gid }) => [uid, gid])).toEqual([
			[12, 34],
			[12, 34],
		]);
		expect(actions[1]?.size).toBe(3_000_000);
		expect(actions.map(({ errno }) => errno)).toEqual([0, 0, 0, 2]);
	});

	it('of more than the tmpfs holds is an error', async () => {
		mkdirSync(join(root, 'there'));
		writeFileSync(join(root, 'there/large'), Buffer.alloc(100_000));
		const config = bundleConfig();
		config.mounts.push(tmpfs('/there', 'tmpcopyup', 'size=8k'));
		const { stderr } = await runBundleCommand(sandbox, { bundle, config });
		expect(stderr).toMatch(/^tsrun: cannot mount tmpfs at \/there .*: no space left on device/);
	});
});

describe('/dev', () => {
	it.each(['tmpfs', 'devtmpfs'])('as a %s that is read-only has its devices all the same', async type => {
		const { dev, errnos, mounts } = await seen({
			change: config => {
				config.mounts[1] = { destination: '/dev', type, source: type, options: ['nosuid', 'ro'] };
			},
			actions: [
				['write', '/dev/new', 'x'],
				['write', '/dev/null', 'x'],
			],
		});
		expect(dev.map(({ path }) => path)).toEqual(expect.arrayContaining(['/dev/null', '/dev/ptmx', '/dev/fd']));
		expect(errnos).toEqual([30, 0]);
		expect(mountsAt(mounts, '/dev')[0]?.options.includes('ro')).toBe(true);
	});
});

describe('a file system of the kernel', () => {
	it('can be mounted for each namespace that is the container’s own', async () => {
		const { mounts } = await seen({
			mounts: [
				{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
				{
					destination: '/dev/pts',
					type: 'devpts',
					source: 'devpts',
					options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
				},
			],
		});
		expect(mountsAt(mounts, '/dev/mqueue')[0]).toMatchObject({ type: 'mqueue' });
		expect(mountsAt(mounts, '/dev/pts')[0]?.superOptions).toEqual(
			expect.arrayContaining(['gid=5', 'mode=620', 'ptmxmode=666']),
		);
	});

	it('is the host’s, bound with its flags, where a user namespace shows one of the host’s', async () => {
		const { mounts } = await seen({
			change: config => {
				const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
				const namespaces = ['pid', 'ipc', 'uts', 'mount', 'user'].map(type => ({ type }));
				config.linux = { namespaces, uidMappings: ids, gidMappings: ids };
				execFileSync('chmod', ['755', sandbox.dir]);
				execFileSync('chown', ['-R', '100000:100000', root]);
			},
		});
		expect(mountsAt(mounts, '/sys')[0]).toMatchObject({ type: 'sysfs' });
		expect(mountsAt(mounts, '/sys')[0]?.options.slice(0, 4)).toEqual(['ro', 'nosuid', 'nodev', 'noexec']);
		expect(mountsAt(mounts, '/proc')[0]).toMatchObject({ type: 'proc' });
	});
});
