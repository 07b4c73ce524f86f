import { chmodSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCanary } from '../security/support/canary.ts';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { mountsAt, peer, runBundleCommand } from '../support/run-bundle.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const canary = makeCanary(join(sandbox.dir, 'canary'));
const source = join(sandbox.dir, 'source');
let bundle = '';
let root = '';

beforeEach(() => {
	rmSync(join(sandbox.dir, 'bundle'), { recursive: true, force: true });
	bundle = createBundle(sandbox);
	root = join(bundle, 'rootfs');
	mkdirSync(join(source, 'sub'), { recursive: true });
	writeFileSync(join(source, 'mine'), 'of the source');
});
afterAll(() => sandbox.remove());

const RUNTIMES = [
	['tsrun', [TSRUN, 'run']],
	['runc', peer('runc', sandbox)],
] as const;

const bind = (destination: string, from = source) => ({ destination, source: from, options: ['bind'] });

async function run(mounts: readonly object[], reads: readonly string[], runtime: readonly string[]) {
	const config = bundleConfig('report', ...reads.flatMap(path => ['--', 'read', path]));
	config.mounts.push(...mounts);
	return await runBundleCommand(sandbox, { bundle, config, runtime });
}

const seenBy =
	(runtime: readonly string[]) =>
	async (mounts: readonly object[], ...reads: readonly string[]) => {
		const { witness, stderr } = await run(mounts, reads, runtime);
		expect(stderr.replace(/^time=.*level=warning.*\n?/gm, '')).toBe('');
		expect(canary.changes()).toEqual([]);
		return { texts: witness.actions.map(({ text }) => text), mounts: witness.report.mounts };
	};

describe.each(RUNTIMES)('%s mounts on', (_, runtime) => {
	const seen = seenBy(runtime);

	it('a relative destination, counted from the root', async () => {
		expect((await seen([bind('some/place')], '/some/place/mine')).texts).toEqual(['of the source']);
	});

	it('directories that are missing, made as mkdir makes them', async () => {
		mkdirSync(join(root, 'setgid'));
		chmodSync(join(root, 'setgid'), 0o2755);
		await seen([bind('/setgid/a/b')]);
		expect((statSync(join(root, 'setgid/a/b')).mode & 0o7777).toString(8)).toBe('2755');
	});

	it('a file that is missing, or there, from a file', async () => {
		writeFileSync(join(root, 'etc/there'), 'of the image');
		const mounts = [bind('/etc/there', join(source, 'mine')), bind('/new/deep/file', join(source, 'mine'))];
		expect((await seen(mounts, '/etc/there', '/new/deep/file')).texts).toEqual(['of the source', 'of the source']);
		expect(statSync(join(root, 'new/deep/file')).size).toBe(0);
	});

	it('the end of links, absolute, climbing and dangling, inside the root', async () => {
		mkdirSync(join(root, 'real'));
		symlinkSync('/real', join(root, 'absolute'));
		symlinkSync('../../../real', join(root, 'climbing'));
		symlinkSync('/not/yet/there', join(root, 'dangling'));
		symlinkSync('/dangling/file', join(root, 'etc/chain'));
		const mounts = [
			bind('/absolute/a'),
			bind('/climbing/b'),
			bind('/dangling'),
			bind('/etc/chain', join(source, 'mine')),
		];
		const reads = ['/real/a/mine', '/real/b/mine', '/not/yet/there/mine', '/not/yet/there/file'];
		expect((await seen(mounts, ...reads)).texts).toEqual(Array(4).fill('of the source'));
	});

	it('a link to the host without leaving the root', async () => {
		symlinkSync(canary.dir, join(root, 'away'));
		await seen([bind('/away/sub'), { destination: '/away', type: 'tmpfs', source: 'tmpfs' }], '/away/sub/mine');
		expect(existsSync(join(root, canary.dir, 'sub'))).toBe(true);
	});

	it('what mounts before it have mounted, in their order, one upon the other', async () => {
		writeFileSync(join(source, 'sub/mine'), 'of the subdirectory');
		const { texts, mounts } = await seen(
			[
				{ destination: '/m', type: 'tmpfs', source: 'tmpfs' },
				bind('/m/in'),
				bind('/m/in/sub', join(source, 'sub')),
				bind('/m/in', join(source, 'sub')),
			],
			'/m/in/mine',
		);
		expect(texts).toEqual(['of the subdirectory']);
		expect(mountsAt(mounts, '/m/in')).toHaveLength(2);
	});

	it('with a source in the root file system what an earlier mount has put there', async () => {
		mkdirSync(join(root, 'first'));
		mkdirSync(join(root, 'second'));
		expect((await seen([bind('/first'), bind('/second', join(root, 'first'))], '/second/mine')).texts).toEqual([
			'of the source',
		]);
	});

	it('a destination with a source that counts from the bundle', async () => {
		writeFileSync(join(bundle, 'beside'), 'of the bundle');
		expect(
			(await seen([bind('/etc/beside', 'beside'), bind('/all', '.')], '/etc/beside', '/all/beside')).texts,
		).toEqual(['of the bundle', 'of the bundle']);
	});
});

/** Not in runc 1.1, but since. */
describe('tsrun mounts on', () => {
	const seen = seenBy([TSRUN, 'run']);

	it('a destination that begins with the path of the root file system on the host', async () => {
		const { texts, mounts } = await seen([bind(`${root}/some/place`)], '/some/place/mine');
		expect(texts).toEqual(['of the source']);
		expect(mountsAt(mounts, '/some/place')).toHaveLength(1);
	});
});

describe.each(RUNTIMES)('%s refuses', (name, runtime) => {
	const refused = async (...mounts: readonly object[]) => {
		const { exitCode, stderr, stdout } = await run(mounts, [], runtime);
		expect([exitCode, stdout]).toEqual([1, '']);
		expect(canary.changes()).toEqual([]);
		return stderr;
	};

	it('a source that is not there', async () => {
		expect(await refused(bind('/m', join(source, 'gone')))).toMatch(/gone/);
	});

	it('a directory on a file, and a file on a directory', async () => {
		writeFileSync(join(root, 'file'), '');
		expect(await refused(bind('/file'))).toMatch(/not a directory/i);
		expect(await refused(bind('/etc', join(source, 'mine')))).toMatch(/directory/i);
	});

	it('a file system that the kernel does not have', async () => {
		expect(await refused({ destination: '/m', type: 'nofs', source: 'nofs' })).toMatch(/no such device/);
	});

	/** CVE-2019-16884, CVE-2019-19921 */
	it.each([
		['/proc itself', {}, '/proc'],
		['what is in it', {}, '/proc/sys'],
		['a way into it', {}, '/etc/../proc/sys'],
		['a link of the image to it', { link: '/proc' }, '/link'],
		['a link of the image into it', { link: 'proc/sys' }, '/link'],
		['a link to a link', { link: '/etc/other', 'etc/other': '../proc' }, '/link'],
		['a relative link on the way', { link: '../../proc' }, '/link/self'],
	])('to cover /proc: %s', async (__, links, destination) => {
		for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
		expect(await refused(bind(destination))).not.toBe('');
		// runc 1.1 looks at binds alone
		if (name === 'tsrun') expect(await refused({ destination, type: 'tmpfs', source: 'tmpfs' })).not.toBe('');
	});
});

describe('a file below /proc that programs ask for the size of the machine', () => {
	it('can be covered, as lxcfs does', async () => {
		const { witness, stderr } = await run(
			[bind('/proc/cpuinfo', join(source, 'mine'))],
			['/proc/cpuinfo'],
			[TSRUN, 'run'],
		);
		expect(stderr).toBe('');
		expect(witness.actions[0]?.text).toBe('of the source');
	});
});
