import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { type BundleResult, mountsAt, peer, type RunBundleRequest, runBundleCommand } from '../support/run-bundle.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
let bundle = '';

beforeAll(() => {
	bundle = createBundle(sandbox);
});
afterAll(() => sandbox.remove());

const RUNTIMES = [
	['tsrun', [TSRUN, 'run']],
	['runc', peer('runc', sandbox)],
] as const;

/** What the host's part of a command prints is no document of the witness. */
async function run(
	change: (config: Config) => void,
	request: Partial<RunBundleRequest> & { readonly actions?: readonly string[] } = {},
): Promise<BundleResult> {
	const { actions = [], ...rest } = request;
	const config = bundleConfig(...['report', ...actions]);
	change(config);
	return await runBundleCommand(sandbox, { bundle, config, ...rest });
}

const rootOf = ({ witness }: BundleResult) => mountsAt(witness.report.mounts, '/')[0];

describe.each(RUNTIMES)('%s: the root', (_, runtime) => {
	it('is read-only where it is asked to be, and what is mounted in it is not', async () => {
		const result = await run(
			config => {
				config.root.readonly = true;
				config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
			},
			{ runtime, actions: ['--', 'write', '/new', 'x', '--', 'write', '/tmp/new', 'x'] },
		);
		expect(result.stderr).toBe('');
		expect(rootOf(result)?.options[0]).toBe('ro');
		expect(result.witness.actions.map(({ errno }) => errno)).toEqual([30, 0]);
	});

	it('is writable otherwise', async () => {
		const result = await run(() => {}, { runtime, actions: ['--', 'write', '/new', 'x'] });
		expect(result.witness.actions.map(({ errno }) => errno)).toEqual([0]);
		rmSync(join(bundle, 'rootfs/new'));
	});

	it('may be given by an absolute path', async () => {
		const result = await run(
			config => {
				config.root.path = join(bundle, 'rootfs');
			},
			{ runtime },
		);
		expect([result.stderr, result.exitCode]).toEqual(['', 0]);
	});
});

describe('the root', () => {
	it('may be a link', async () => {
		symlinkSync('rootfs', join(bundle, 'link'));
		const result = await run(config => {
			config.root.path = 'link';
		});
		expect([result.stderr, result.exitCode]).toEqual(['', 0]);
		expect(result.witness.report.cwd).toBe('/');
	});

	it('is not that of the host', async () => {
		const { stderr, exitCode } = await run(config => {
			config.root.path = '/';
		});
		expect(stderr).toMatch(/^tsrun: config\.json \/root\/path: \/ is the root of the host itself/);
		expect(exitCode).toBe(1);
	});

	it('keeps the flags that its file system has on the host', async () => {
		const host = 'mount -t tmpfs -o nosuid,nodev host /mnt; cp -a rootfs /mnt/rootfs';
		for (const readonly of [true, false]) {
			const result = await run(
				config => {
					config.root = { path: '/mnt/rootfs', readonly };
				},
				{ host },
			);
			expect(result.stderr).toBe('');
			expect(rootOf(result)?.options.slice(0, 3)).toEqual([readonly ? 'ro' : 'rw', 'nosuid', 'nodev']);
		}
	});
});

/** Propagation of the root inside, where the host's is shared; and whether the host sees what the container mounts in a volume. */
const PROPAGATIONS = [
	[undefined, 'master', false],
	['slave', 'master', false],
	['rslave', 'master', false],
	['private', '', false],
	['rprivate', '', false],
	['shared', 'shared', true],
	['rshared', 'shared', true],
	['unbindable', 'unbindable', false],
	['runbindable', 'unbindable', false],
] as const;

describe('linux.rootfsPropagation', () => {
	const host =
		'mount --make-rshared /; mkdir -p /mnt/volume; mount -t tmpfs host /mnt; mkdir /mnt/volume; mount --make-shared /mnt';
	const after = "grep -c 'rootfs ' /proc/self/mountinfo; grep -c /mnt/volume /proc/self/mountinfo";

	it.each(PROPAGATIONS)(
		'%s: the root is of kind "%s"; the host sees mounts of the container: %s',
		async (word, tag, isSeen) => {
			const result = await run(
				config => {
					if (word !== undefined) config.linux.rootfsPropagation = word;
					config.process.capabilities.bounding =
						config.process.capabilities.effective =
						config.process.capabilities.permitted =
							['CAP_SYS_ADMIN', 'CAP_DAC_OVERRIDE'];
					config.mounts.push({ destination: '/v', source: '/mnt', options: ['rbind', isSeen ? 'rshared' : 'rslave'] });
				},
				{ host, after, actions: ['--', 'mount', 'inner', '/v/volume', 'tmpfs', '0'] },
			);
			expect(result.stderr).toBe('');
			expect(result.exitCode).toBe(0);
			expect(result.witness.actions[0]?.errno).toBe(0);
			expect(
				rootOf(result)
					?.tags.map(each => each.replace(/:\d+$/, ''))
					.filter(each => each !== 'master' || tag === 'master')
					.join(' '),
			).toBe(tag);
			expect(result.stdout.split('\n').slice(-2)).toEqual(['0', isSeen ? '1' : '0']);
		},
	);
});

describe('--no-pivot', () => {
	const options = ['--no-pivot'];

	it.each([undefined, 'rslave', 'shared', 'rshared'])(
		'leaves the host as it was, with the propagation %s, also where the bundle is on a mount of its own',
		async word => {
			const host = `mount --bind ${bundle} ${bundle}; mount --make-rshared /; cp /proc/self/mountinfo /tmp/before.$$; cd ${bundle}`;
			const after = 'cmp /tmp/before.$$ /proc/self/mountinfo && echo same; rm /tmp/before.$$';
			const result = await run(
				config => {
					if (word !== undefined) config.linux.rootfsPropagation = word;
				},
				{ host, after, options },
			);
			expect([result.stderr, result.exitCode]).toEqual(['', 0]);
			expect(result.stdout.split('\n').at(-1)).toBe('same');
			expect(result.witness.report.root).not.toBeNull();
		},
	);

	const MASKED = ['/proc/interrupts', '/sys/firmware'];

	it.each([
		['cannot mount a whole proc or sysfs where its own are masked', 'rslave', MASKED, '1 1'],
		['cannot mount a whole proc or sysfs where its own are masked, and the root is shared', 'shared', MASKED, '1 1'],
		['can where they are whole', 'rslave', [], '0 0'],
	])('a user namespace inside the container %s', async (_, propagation, maskedPaths, codes) => {
		copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
		const script =
			'b=/bin/busybox; $b mount -t proc p /tmp 2>/dev/null; p=$?; $b mount -t sysfs s /tmp 2>/dev/null; echo $p $?';
		const result = await run(
			config => {
				const capabilities = [...config.process.capabilities.bounding, 'CAP_SYS_ADMIN', 'CAP_SETFCAP'];
				for (const set of ['bounding', 'effective', 'permitted']) config.process.capabilities[set] = capabilities;
				config.process.args = ['/bin/busybox', 'unshare', '-Urmpfn', '/bin/busybox', 'sh', '-c', script];
				config.mounts[2].options = [];
				config.linux.maskedPaths = maskedPaths;
				config.linux.rootfsPropagation = propagation;
			},
			{ options },
		);
		expect([result.stderr, result.stdout]).toEqual(['', codes]);
	});

	it('refuses a private root before anything is done', async () => {
		const { stderr } = await run(
			config => {
				config.linux.rootfsPropagation = 'private';
			},
			{ options },
		);
		expect(stderr).toMatch(/^tsrun: config\.json \/linux\/rootfsPropagation: private is not safe without pivot_root/);
	});
});

describe('a mount namespace that is joined', () => {
	it('gets the mounts of the container, and its root', async () => {
		const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sleep', '60'], { stdio: 'ignore' });
		try {
			const file = `/proc/${holder.pid}/ns/mnt`;
			const own = readlinkSync('/proc/self/ns/mnt');
			while (readlinkSync(file) === own || readFileSync(`/proc/${holder.pid}/comm`, 'utf8') !== 'sleep\n')
				await new Promise(resolve => setTimeout(resolve, 5));
			const joined = readlinkSync(file);
			const result = await run(config => {
				config.linux.namespaces = config.linux.namespaces.map((each: { type: string }) =>
					each.type === 'mount' ? { type: 'mount', path: file } : each,
				);
			});
			expect([result.stderr, result.exitCode]).toEqual(['', 0]);
			expect(result.witness.report.namespaces.mnt).toBe(joined);
			expect(mountsAt(result.witness.report.mounts, '/proc')).toHaveLength(1);
			expect(readFileSync(`/proc/${holder.pid}/mountinfo`, 'utf8')).toMatch(/rootfs \/ /);
		} finally {
			holder.kill('SIGKILL');
		}
	});

	it.each([
		['that of tsrun itself', { type: 'mount', path: '/proc/self/ns/mnt' }, /is the mount namespace that tsrun is in/],
	])('is refused where it is %s', async (_, namespace, message) => {
		const { stderr, exitCode } = await run(config => {
			config.linux.namespaces = config.linux.namespaces.map((each: { type: string }) =>
				each.type === 'mount' ? namespace : each,
			);
		});
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(1);
	});
});

describe.each(RUNTIMES)('%s: no mount namespace', (name, runtime) => {
	const without = (config: Config): void => {
		config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'mount');
		config.linux.maskedPaths = [];
		config.linux.readonlyPaths = [];
	};

	it('the root is the container’s all the same, and its mounts are those of the host', async () => {
		const result = await run(without, { runtime, actions: ['--', 'read', '/proc/1/comm'] });
		expect([result.stderr, result.exitCode]).toEqual(['', 0]);
		expect(result.witness.actions).toMatchObject([{ text: 'witness\n' }]);
		expect(mountsAt(result.witness.report.mounts, '/proc')).not.toEqual([]);
	});

	it('nothing is left of them at the end, the propagation of the host is what it was, and what was mounted there before stays', async () => {
		if (name === 'runc') return;
		const root = join(bundle, 'rootfs');
		const list = `awk '{ $1 = $2 = ""; print }' /proc/self/mountinfo`;
		const host = `mount --make-rshared /; mount --bind ${root} ${root}; mount --make-private ${root}; ${list} >${bundle}/before`;
		const { exitCode, stderr } = await run(without, { runtime, host, after: `${list} >${bundle}/after` });
		expect([stderr, exitCode]).toEqual(['', 0]);
		expect(readFileSync(join(bundle, 'after'), 'utf8')).toBe(readFileSync(join(bundle, 'before'), 'utf8'));
	});

	it('hidden paths are refused, since they would be hidden from the host', async () => {
		const { exitCode, stderr } = await run(
			config => {
				without(config);
				config.linux.maskedPaths = ['/proc/keys'];
			},
			{ runtime },
		);
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/mount namespace|MNT namespace/)]);
	});
});

describe.each(RUNTIMES)('%s: hidden paths', (_, runtime) => {
	const reads = (...paths: readonly string[]) => paths.flatMap(path => ['--', 'read', path]);

	it('a masked file is empty, a masked directory too, and neither can be written; what is missing does not matter', async () => {
		const root = join(bundle, 'rootfs');
		writeFileSync(join(root, 'secret'), 'a secret');
		symlinkSync('secret', join(root, 'way'));
		const result = await run(
			config => {
				config.linux.maskedPaths = ['/way', '/etc', '/bin', '/not/there', '/proc/interrupts', '/proc/not-there'];
			},
			{
				runtime,
				actions: [
					...reads('/secret', '/way', '/proc/interrupts'),
					'--',
					'write',
					'/etc/new',
					'x',
					'--',
					'mkdir',
					'/bin/new',
				],
			},
		);
		expect(result.stderr).toBe('');
		expect(result.witness.actions.map(({ errno, text }) => text ?? errno)).toEqual(['', '', '', 30, 30]);
		for (const name of ['secret', 'way']) rmSync(join(root, name));
	});

	it('masked directories cost one file system, not one each', async () => {
		const result = await run(config => {
			config.linux.maskedPaths = ['/etc', '/bin', '/proc/fs'];
		});
		const devices = result.witness.report.mounts.flatMap(line => {
			const [, , device = '', , place = ''] = line.split(' ');
			return ['/etc', '/bin', '/proc/fs'].includes(place) ? [`${device} ${line.split(' ')[5]?.split(',')[0]}`] : [];
		});
		expect([devices.length, new Set(devices).size, devices[0]?.endsWith(' ro')]).toEqual([3, 1, true]);
	});

	it('a read-only path cannot be written and still be run from, with the flags that it had', async () => {
		const root = join(bundle, 'rootfs');
		writeFileSync(join(root, 'file'), 'readable');
		const result = await run(
			config => {
				config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] });
				config.linux.readonlyPaths = ['/bin', '/file', '/tmp', '/proc/sys', '/not/there'];
			},
			{
				runtime,
				actions: [
					...reads('/file'),
					'--',
					'write',
					'/file',
					'x',
					'--',
					'mkdir',
					'/bin/new',
					'--',
					'write',
					'/proc/sys/kernel/domainname',
					'x',
				],
			},
		);
		expect(result.stderr).toBe('');
		expect(result.witness.actions.map(({ errno, text }) => text ?? errno)).toEqual(['readable', 30, 30, 30]);
		const flags = (place: string) => mountsAt(result.witness.report.mounts, place).at(-1)?.options.join();
		expect([flags('/bin'), flags('/tmp'), flags('/file')]).toEqual([
			'ro,relatime',
			'ro,nosuid,relatime',
			'ro,relatime',
		]);
		rmSync(join(root, 'file'));
	});
});
