import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { mountsAt, peer, runBundleCommand } from '../support/run-bundle.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const source = join(sandbox.dir, 'source');
let bundle = '';

beforeAll(() => {
	bundle = createBundle(sandbox);
	mkdirSync(source);
});
afterAll(() => sandbox.remove());

const USER_NAMESPACE = { containerID: 0, hostID: 100_000, size: 65_536 };

interface Setting {
	readonly host?: string;
	readonly isUser?: boolean;
	readonly runtime?: readonly string[];
	readonly args?: readonly string[];
}

/** Runs the witness with these mounts added, and gives what it sees. */
async function seen(mounts: readonly object[], { host, isUser = false, runtime, args = ['report'] }: Setting = {}) {
	const config: Config = bundleConfig(...args);
	if (isUser) {
		config.linux.namespaces.push({ type: 'user' });
		config.linux.uidMappings = [USER_NAMESPACE];
		config.linux.gidMappings = [USER_NAMESPACE];
		chownSync(join(bundle, 'rootfs'), USER_NAMESPACE.hostID, USER_NAMESPACE.hostID);
	}
	return await runBundleCommand(sandbox, {
		bundle,
		config: { ...config, mounts: [...config.mounts, ...mounts] },
		...(host === undefined ? {} : { host }),
		...(runtime === undefined ? {} : { runtime }),
	});
}

const RUNTIMES = [
	['tsrun', [TSRUN, 'run']],
	// runc 1.1 hands `defaults` to the file system
	['runc', peer('runc', sandbox)],
] as const;

/** What a new tmpfs has with one option, of the mount and of the file system. */
const OPTIONS: readonly (readonly [option: string, mount: readonly string[], fileSystem: readonly string[]])[] = [
	['defaults', ['rw', 'relatime'], ['rw']],
	['rw', ['rw', 'relatime'], ['rw']],
	['ro', ['ro', 'relatime'], []],
	['nosuid', ['rw', 'nosuid', 'relatime'], []],
	['suid', ['rw', 'relatime'], []],
	['nodev', ['rw', 'nodev', 'relatime'], []],
	['dev', ['rw', 'relatime'], []],
	['noexec', ['rw', 'noexec', 'relatime'], []],
	['exec', ['rw', 'relatime'], []],
	['sync', ['rw', 'relatime'], ['sync']],
	['async', ['rw', 'relatime'], []],
	['dirsync', ['rw', 'relatime'], ['dirsync']],
	['noatime', ['rw', 'noatime'], []],
	['atime', ['rw', 'relatime'], []],
	['nodiratime', ['rw', 'nodiratime', 'relatime'], []],
	['diratime', ['rw', 'relatime'], []],
	['relatime', ['rw', 'relatime'], []],
	['norelatime', ['rw', 'relatime'], []],
	['strictatime', ['rw'], []],
	['nostrictatime', ['rw', 'relatime'], []],
	['lazytime', ['rw', 'relatime'], ['lazytime']],
	['nolazytime', ['rw', 'relatime'], []],
	['iversion', ['rw', 'relatime'], []],
	['noiversion', ['rw', 'relatime'], []],
	['mand', ['rw', 'relatime'], []],
	['nomand', ['rw', 'relatime'], []],
	['silent', ['rw', 'relatime'], []],
	['loud', ['rw', 'relatime'], []],
	['size=8k', ['rw', 'relatime'], ['size=8k']],
	['nr_inodes=10', ['rw', 'relatime'], ['nr_inodes=10']],
	['mode=1700', ['rw', 'relatime'], ['mode=1700']],
	['uid=7', ['rw', 'relatime'], ['uid=7']],
];

describe.each(RUNTIMES)('%s: an option of a new file system', (name, runtime) => {
	const FRESH = OPTIONS.filter(([option]) => name === 'tsrun' || option !== 'defaults');

	it('is what the mount has, or its file system', async () => {
		const mounts = FRESH.map(([option], index) => ({
			destination: `/m/${index}`,
			type: 'tmpfs',
			source: 'tmpfs',
			options: [option],
		}));
		const { witness, stderr } = await seen(mounts, { runtime });
		expect(stderr).toBe('');
		for (const [index, [option, expected, fileSystem]] of FRESH.entries()) {
			const [mount, ...others] = mountsAt(witness.report.mounts, `/m/${index}`);
			expect(others).toEqual([]);
			expect([option, mount?.type, mount?.options]).toEqual([option, 'tmpfs', expected]);
			expect(mount?.superOptions).toEqual(expect.arrayContaining([...fileSystem]));
		}
	});

	it('takes back what one before it has said', async () => {
		const pairs = [
			'ro rw',
			'nosuid suid',
			'nodev dev',
			'noexec exec',
			'noatime atime',
			'nodiratime diratime',
			'strictatime nostrictatime',
		];
		const mounts = pairs.map((pair, index) => ({
			destination: `/m/${index}`,
			type: 'tmpfs',
			source: 'tmpfs',
			options: pair.split(' '),
		}));
		const { witness } = await seen(mounts, { runtime });
		for (const index of pairs.keys()) {
			expect(mountsAt(witness.report.mounts, `/m/${index}`)).toMatchObject([{ options: ['rw', 'relatime'] }]);
		}
	});

	it('of propagation says whether the mount is shared, a slave, or can be bound', async () => {
		const words = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'];
		const mounts = words.map((word, index) => ({
			destination: `/m/${index}`,
			source,
			type: 'bind',
			options: ['rbind', word],
		}));
		const { witness, stderr } = await seen(mounts, {
			runtime,
			host: `mount -t tmpfs host ${source}; mount --make-shared ${source}`,
		});
		expect(stderr).toBe('');
		const kinds = words.map((_, index) =>
			mountsAt(witness.report.mounts, `/m/${index}`)[0]
				?.tags.map(tag => tag.replace(/:\d+$/, ''))
				.join(' '),
		);
		expect(kinds).toEqual([
			'',
			'',
			...Array(2).fill('shared master'),
			...Array(2).fill('master'),
			...Array(2).fill('unbindable'),
		]);
	});
});

/**
 * Flags of a bind source, options, and the flags that the mount then has: of root, and in a user namespace, where those of the host
 * are locked. As runc has it since 1.2.
 */
const BINDS: readonly (readonly [host: string, options: string, root: string, user: string | undefined])[] = [
	['nosuid,nodev', 'bind', 'rw,nosuid,nodev', 'rw,nosuid,nodev'],
	['ro,noexec,nosymfollow,nodiratime', 'bind', 'ro,noexec,nodiratime,nosymfollow', 'ro,noexec,nodiratime,nosymfollow'],
	['ro,noexec,nosymfollow,nodiratime', 'bind,dev', 'rw,nodiratime', 'ro,noexec,nodiratime'],
	['ro', 'bind,nosuid,nodev', 'rw,nosuid,nodev', 'ro,nosuid,nodev'],
	['ro', 'bind,rw,nosuid', 'rw,nosuid', undefined],
	['nosuid,nodev,noexec,noatime', 'bind,ro', 'ro,noatime', 'ro,nosuid,nodev,noexec,noatime'],
	['nosuid,nodev', 'bind,suid', 'rw', undefined],
	['nodev', 'bind,ro,dev', 'ro', undefined],
	['noexec', 'bind,exec', 'rw', undefined],
	['nodev,nosymfollow', 'bind,ro,symfollow', 'ro', 'ro,nodev'],
	['noatime', 'bind,norelatime', 'rw,noatime', 'rw,noatime'],
	['noatime', 'bind,atime', 'rw,noatime', 'rw,noatime'],
	['noatime', 'bind,relatime', 'rw', undefined],
	['noatime', 'bind,nodiratime', 'rw,nodiratime', undefined],
	['nodiratime', 'bind,strictatime', 'rw,STRICT', undefined],
	['strictatime', 'bind,ro', 'ro,STRICT', 'ro,STRICT'],
	['strictatime', 'bind,noatime', 'rw,noatime', undefined],
	['nosuid', 'bind,sync', 'rw', 'rw,nosuid'],
];

describe('a bind mount', () => {
	const hostMounts = BINDS.map(
		([flags], index) => `mkdir -p ${source}/${index}; mount -t tmpfs -o ${flags} host ${source}/${index}`,
	);
	const bind = (index: number) => ({
		destination: `/m/${index}`,
		source: `${source}/${index}`,
		options: BINDS[index]?.[1].split(','),
	});
	/** The kernel names relatime, and nothing for strictatime. */
	const told = (options: readonly string[]) =>
		(options.includes('relatime') || options.includes('noatime')
			? options.filter(option => option !== 'relatime')
			: [...options, 'STRICT']
		).join(',');

	it.each([
		['has the flags that are named, and those of its source where none is', false],
		['keeps those that a user namespace may not clear', true],
	] as const)('%s', async (_, isUser) => {
		const possible = [...BINDS.keys()].filter(index => !isUser || BINDS[index]?.[3] !== undefined);
		const { witness, stderr } = await seen(possible.map(bind), { isUser, host: hostMounts.join(';') });
		expect(stderr).toBe('');
		for (const index of possible) {
			const [host = '', options = '', root, user] = BINDS[index] ?? [];
			const [mount] = mountsAt(witness.report.mounts, `/m/${index}`);
			expect([host, options, told(mount?.options ?? [])]).toEqual([host, options, isUser ? user : root]);
		}
	});

	it.each(
		[...BINDS.entries()]
			.filter(([, [, , , user]]) => user === undefined)
			.map(([index, [host, options]]) => [host, options, index] as const),
	)('of a source with %s is refused with %s in a user namespace', async (_, __, index) => {
		const { stderr, exitCode } = await seen([bind(index)], { isUser: true, host: hostMounts[index] ?? '' });
		expect(stderr).toMatch(
			/^tsrun: cannot set the attributes of the mount \/m\/\d+ \(.*\/mounts\/3\): operation not permitted/,
		);
		expect(exitCode).not.toBe(0);
	});

	it.each([
		['ro', 'is not', [0, 30, 0, 30]],
		['rro', 'is too', [30, 30, 30, 30]],
		['ro,rro', 'is too', [30, 30, 30, 30]],
	])('with %s is read-only; what is mounted below it %s', async (option, below, errnos) => {
		const host = `mount -t tmpfs host ${source}; mkdir ${source}/below; mount -t tmpfs host ${source}/below`;
		const args = [
			'write',
			'/m/below/a',
			'x',
			'--',
			'write',
			'/m/a',
			'x',
			'--',
			'mkdir',
			'/m/below/d',
			'--',
			'mkdir',
			'/m/d',
			'--',
			'report',
		];
		const mount = { destination: '/m', source, options: ['rbind', ...option.split(',')] };
		const { witness } = await runBundleCommand(sandbox, {
			bundle,
			host,
			config: { ...bundleConfig(...args), mounts: [...bundleConfig().mounts, mount] },
		});
		expect(witness.actions.map(({ errno }) => errno)).toEqual(errnos);
		expect(mountsAt(witness.report.mounts, '/m/below')[0]?.options.includes('ro')).toBe(below === 'is too');
	});

	it('takes every recursive option, and each one back', async () => {
		const host = `mount -t tmpfs host ${source}; mkdir ${source}/b; mount -t tmpfs -o nosuid,nodev,noexec,ro,noatime,nodiratime,nosymfollow host ${source}/b`;
		const options = [
			['rrw', 'rsuid', 'rdev', 'rexec', 'rsymfollow', 'rdiratime', 'ratime'],
			['rnosuid', 'rnodev', 'rnoexec', 'rnosymfollow', 'rnodiratime', 'rstrictatime'],
			['rnoatime'],
			['rrelatime'],
			['rnorelatime'],
			['rnostrictatime'],
		];
		const mounts = options.map((words, index) => ({
			destination: `/m/${index}`,
			source,
			options: ['rbind', ...words],
		}));
		const { witness, stderr } = await seen(mounts, { host });
		expect(stderr).toBe('');
		expect(options.map((_, index) => mountsAt(witness.report.mounts, `/m/${index}/b`)[0]?.options.join())).toEqual([
			'rw,relatime',
			'ro,nosuid,nodev,noexec,nodiratime,nosymfollow',
			'ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow',
			'ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow',
			'ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow',
			'ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow',
		]);
	});

	it('can be changed by a later one that says remount', async () => {
		const { witness } = await seen([
			{ destination: '/m', source, options: ['bind'] },
			{ destination: '/m', source, options: ['bind', 'remount', 'ro', 'nosuid'] },
		]);
		expect(mountsAt(witness.report.mounts, '/m').map(({ options }) => options.join())).toEqual(['ro,nosuid,relatime']);
	});
});

describe('sources below a directory that root of the host passes by its capabilities alone', () => {
	const hidden = join(sandbox.dir, 'hidden');

	beforeAll(() => {
		chmodSync(sandbox.dir, 0o755);
		mkdirSync(join(hidden, 'data'), { recursive: true });
		writeFileSync(join(hidden, 'data/file'), 'found');
		symlinkSync(join(hidden, 'data'), join(hidden, 'link'));
		chownSync(hidden, 4711, 4711);
		chmodSync(hidden, 0o700);
	});

	it.each(RUNTIMES)('%s: are found for a user namespace, through links too', async (_name, runtime) => {
		const mounts = [
			{ destination: '/found-data', source: join(hidden, 'data'), options: ['bind', 'ro'] },
			{ destination: '/found-link', source: join(hidden, 'link'), options: ['rbind'] },
			{ destination: '/found-file', source: join(hidden, 'data/file'), options: ['bind'] },
		];
		const args = ['stat', '/found-data/file', '--', 'stat', '/found-link/file', '--', 'stat', '/found-file'];
		const { witness, stderr } = await seen(mounts, { isUser: true, runtime, args });
		expect(stderr).toBe('');
		expect(witness.actions.map(({ errno, size }) => [errno, size])).toEqual([
			[0, 5],
			[0, 5],
			[0, 5],
		]);
	});
});
