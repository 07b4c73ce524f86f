import {
	chmodSync,
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, runTsrun, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';
import { startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
const data = (name: string): string => join(sandbox.root, 'volumes', name, '_data');
let image = '';

const tsrun = (...words: readonly string[]): Promise<TsrunResult> => runTsrun(sandbox, words);
const shell = (flags: readonly string[], text: string): Promise<TsrunResult> =>
	tsrun('run', ...flags, '--entrypoint', '/bin/sh', image, '-c', text);
const names = async (...words: readonly string[]): Promise<readonly string[]> =>
	(await tsrun('volume', 'ls', '-q', ...words)).stdout.split('\n').filter(Boolean);

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		config: { Volumes: { '/anonymous': {} } },
		files: [
			{ name: 'anonymous/', mode: 0o755 },
			{ name: 'anonymous/seed', data: 'of the image' },
			{ name: 'data/', mode: 0o1770, uid: 1000, gid: 2000 },
			{ name: 'data/file', data: 'one', mode: 0o640, uid: 1000, gid: 1000 },
			{ name: 'data/again', linkname: 'data/file', type: 'link' },
			{ name: 'data/suid', data: 'x', mode: 0o4755 },
			{ name: 'data/sub/', mode: 0o700, uid: 1000, gid: 1000 },
			{ name: 'data/sub/deep', data: 'two' },
			{ name: 'data/out', linkname: '/etc/passwd' },
			{ name: 'link', linkname: 'data' },
		],
	});
	await tsrun('load', image);
});
afterAll(() => sandbox.remove());

describe('a volume with a name', () => {
	it('is made by its first use, keeps what is written, and is shared', async () => {
		expect(await shell(['--rm', '-v', 'kept:/empty'], 'echo more >/empty/new')).toMatchObject({ exitCode: 0 });
		expect((await shell(['--rm', '-v', 'kept:/other:ro'], 'cat /other/new')).stdout).toBe('more\n');
		expect(await names()).toEqual(['kept']);
		expect((await shell(['--rm', '-v', 'kept:/other:ro'], '(echo x >/other/new) 2>&1')).stdout).toMatch(/Read-only/);
	});

	it('takes what the image has there when it is empty: content, owners, modes, links', async () => {
		await shell(['--rm', '-v', 'filled:/data'], 'true');
		const stat = (name: string) => lstatSync(join(data('filled'), name));
		expect(readdirSync(data('filled')).sort()).toEqual(['again', 'file', 'out', 'sub', 'suid']);
		const root = stat('');
		expect([root.mode & 0o7777, root.uid, root.gid]).toEqual([0o1770, 1000, 2000]);
		expect([stat('file').mode & 0o7777, stat('file').uid]).toEqual([0o640, 1000]);
		expect([stat('file').ino, stat('file').nlink]).toEqual([stat('again').ino, 2]);
		expect(stat('suid').mode & 0o7777).toBe(0o4755);
		expect([stat('sub').mode & 0o7777, stat('sub').uid]).toEqual([0o700, 1000]);
		expect(readFileSync(join(data('filled'), 'sub/deep'), 'utf8')).toBe('two');
		expect(stat('out').isSymbolicLink()).toBe(true);
	});

	it('stays as it is when it holds anything (CVE-2020-1726)', async () => {
		await tsrun('volume', 'create', 'mine');
		writeFileSync(join(data('mine'), 'file'), 'my own');
		chownSync(data('mine'), 7, 7);
		expect((await shell(['--rm', '-v', 'mine:/data'], 'cat /data/*')).stdout).toBe('my own');
		expect(statSync(data('mine')).uid).toBe(7);
	});

	it.each([
		['-v', 'bare:/data:nocopy'],
		['--mount', 'src=bare,dst=/data,volume-nocopy'],
	])('with %s %s starts empty', async (...flags) => {
		expect((await shell(['--rm', ...flags], 'ls /data')).stdout).toBe('');
		expect(statSync(data('bare')).mode & 0o7777).toBe(0o755);
	});

	it('is filled through a link of the image, which leads nowhere else', async () => {
		expect((await shell(['--rm', '-v', 'linked:/link'], 'cat /link/file')).stdout).toBe('one');
	});

	it('has the ids of the container in a user namespace, and those of root on the host', async () => {
		const flags = ['--rm', '--userns', 'private', '-v', 'mapped:/data'];
		const text = 'id -u; stat -c "%u %a" /data/file /data/sub; echo y >/data/new; stat -c %u /data/new';
		expect((await shell(flags, text)).stdout).toBe('0\n1000 640\n1000 700\n0\n');
		expect(statSync(join(data('mapped'), 'new')).uid).toBe(0);
		expect((await shell(['--rm', '-v', 'mapped:/data'], 'cat /data/new')).stdout).toBe('y\n');
	});

	it('is filled once by many containers that begin at once', async () => {
		const all = await Promise.all(
			[1, 2, 3, 4, 5].map(() => shell(['--rm', '-v', 'at-once:/data'], 'cat /data/file /data/sub/deep')),
		);
		expect(all.map(({ stdout, stderr }) => stdout + stderr)).toEqual(Array(5).fill('onetwo'));
	});

	it('is in use as long as a container has it, running or not', async () => {
		await shell(['--name', 'user', '-v', 'used:/x'], 'true');
		const refused = await tsrun('volume', 'rm', 'used');
		expect([refused.exitCode, refused.stderr]).toEqual([
			1,
			expect.stringMatching(/volume used is in use by [0-9a-f]{12}/),
		]);
		expect((await tsrun('volume', 'rm', '-f', 'used')).exitCode).toBe(1);
		await tsrun('rm', 'user');
		expect(await tsrun('volume', 'rm', 'used')).toMatchObject({ exitCode: 0, stdout: 'used\n' });
		expect(existsSync(data('used'))).toBe(false);
	});

	it('shows a directory of the host where it was made so', async () => {
		const host = join(sandbox.dir, 'host');
		mkdirSync(host);
		writeFileSync(join(host, 'file'), 'of the host');
		await tsrun('volume', 'create', '-o', 'type=none', '-o', 'o=bind,ro', '-o', `device=${host}`, 'bound');
		expect((await shell(['--rm', '-v', 'bound:/data'], 'cat /data/file; (echo x >/data/y) 2>&1')).stdout).toMatch(
			/^of the host.*Read-only/s,
		);
	});
});

describe('a path inside of a volume', () => {
	const at = (subpath: string, dst = '/x'): readonly string[] => [
		'--mount',
		`src=parts,dst=${dst},volume-subpath=${subpath}`,
	];
	beforeAll(async () => {
		await tsrun('volume', 'create', 'parts');
		mkdirSync(join(data('parts'), 'a/b'), { recursive: true });
		writeFileSync(join(data('parts'), 'a/b/c'), 'inside');
		symlinkSync('/a', join(data('parts'), 'link'));
		symlinkSync('/etc', join(data('parts'), 'out'));
		symlinkSync('../../../../../../../../../../etc', join(data('parts'), 'up'));
		symlinkSync('/proc/self/root', join(data('parts'), 'magic'));
	});

	it.each([
		['a/b', 'cat /x/c'],
		['link/b', 'cat /x/c'],
		['a/b/c', 'cat /x'],
	])('%s is mounted alone', async (subpath, text) => {
		expect(await shell(['--rm', ...at(subpath)], text)).toMatchObject({ exitCode: 0, stdout: 'inside' });
	});

	it.each(['no', 'out', 'up', 'magic', 'a/b/c/d'])('%s is not there', async subpath => {
		const { exitCode, stderr } = await shell(['--rm', ...at(subpath)], 'ls /x');
		expect([exitCode, stderr]).toEqual([125, expect.stringContaining(`volume parts has no ${subpath}`)]);
	});

	it('is refused with mapped ids', async () => {
		const { stderr } = await shell(['--rm', '--userns', 'private', ...at('a')], 'true');
		expect(stderr).toContain('has a volume-subpath, which cannot be mounted with the ids of --userns private');
	});

	it('never leads out of the volume, while another container exchanges it (CVE-2017-1002101)', {
		timeout: 120_000 * SLOWNESS,
	}, async () => {
		const swap =
			'cd /v; mkdir race; ln -s /etc evil; echo up; while :; do mv race r; mv evil race; mv race evil; mv r race; done';
		const words = ['--name', 'swapping', '-v', 'parts:/v', '--entrypoint', '/bin/sh', image, '-c', swap];
		const container = startTsrun(sandbox, ['run', ...words]);
		await container.nextLine();
		try {
			for (let round = 0; round < 8; round++) {
				const { stdout } = await shell(['--rm', ...at('race')], 'ls /x');
				expect(stdout).toBe('');
			}
		} finally {
			await tsrun('rm', '-fv', 'swapping');
		}
	});
});

describe('an anonymous volume', () => {
	const onlyNew = async (run: () => Promise<unknown>): Promise<readonly string[]> => {
		const before = await names();
		await run();
		return (await names()).filter(name => !before.includes(name));
	};

	it('ends with a container that has --rm, also inside another one', async () => {
		const flags = ['--rm', '-v', '/anonymous/inner', '-v', '/data'];
		const text = 'cat /anonymous/seed /data/file; echo a >/anonymous/inner/b; ls /anonymous';
		const made = await onlyNew(async () => {
			expect((await shell(flags, text)).stdout).toBe('of the imageoneinner\nseed\n');
		});
		expect(made).toEqual([]);
	});

	it('stays after another one, goes with rm -v, and with prune', async () => {
		const [first = '', ...others] = await onlyNew(() => shell(['--name', 'keeps'], 'echo x >/anonymous/new'));
		expect([first, others]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), []]);
		expect(readFileSync(join(data(first), 'new'), 'utf8')).toBe('x\n');
		await tsrun('rm', 'keeps');
		expect(await names('--filter', 'dangling=true')).toContain(first);
		expect((await tsrun('volume', 'prune', '--force')).stdout).toMatch(
			new RegExp(`^Deleted Volumes:\n(\\w+\n)*${first}\n`),
		);
		const gone = await onlyNew(async () => {
			await shell(['--name', 'takes'], 'true');
			expect(await tsrun('rm', '-v', 'takes')).toMatchObject({ exitCode: 0 });
		});
		expect(gone).toEqual([]);
	});

	it('of a container with --rm is a volume like any other while that runs, and stays where another container has it', async () => {
		const before = await names();
		const first = startTsrun(sandbox, [
			...['run', '--rm', '--entrypoint', '/bin/sh', image],
			...['-c', 'echo a >/anonymous/a; echo ready; while [ ! -e /anonymous/b ]; do sleep 0.1; done; cat /anonymous/b'],
		]);
		expect(await first.nextLine()).toBe('ready');
		const [name = ''] = (await names()).filter(each => !before.includes(each));
		const second = await shell(['--rm', '-v', `${name}:/x`], 'cat /x/a; echo b >/x/c; mv /x/c /x/b');
		expect(second).toMatchObject({ exitCode: 0, stdout: 'a\n' });
		expect([await first.nextLine(), await first.ended]).toEqual(['b', 0]);
		expect(await names()).toContain(name);
		expect(await tsrun('volume', 'rm', name)).toMatchObject({ exitCode: 0 });
	});

	it('of a container that fails to begin does not stay', async () => {
		const made = await onlyNew(() => tsrun('run', '--rm', '--entrypoint', '/missing', image));
		expect(made).toEqual([]);
	});
});

describe('volume', () => {
	it('create, inspect and ls say what docker says', async () => {
		expect((await tsrun('volume', 'create', '--label', 'a=1', '--label', 'b', 'shown')).stdout).toBe('shown\n');
		expect((await tsrun('volume', 'create', 'shown')).stdout).toBe('shown\n');
		const inspected = JSON.parse((await tsrun('volume', 'inspect', 'shown')).stdout) as unknown;
		expect(inspected).toEqual([
			{
				CreatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
				Driver: 'local',
				Labels: { a: '1', b: '' },
				Mountpoint: data('shown'),
				Name: 'shown',
				Options: null,
				Scope: 'local',
			},
		]);
		expect((await tsrun('volume', 'ls', '--filter', 'name=show')).stdout).toMatch(
			/^DRIVER\s+VOLUME NAME\nlocal\s+shown\n$/,
		);
		expect((await tsrun('volume', 'ls', '--filter', 'label=a=1', '--format', '{{.Name}} {{.Labels}}')).stdout).toBe(
			'shown a=1,b=\n',
		);
		expect(await names('--filter', 'label=a=2')).toEqual([]);
		expect((await tsrun('volume', 'create')).stdout).toMatch(/^[0-9a-f]{64}\n$/);
	});

	it.each([
		[['inspect', 'nothing'], /no such volume: nothing/],
		[['rm', 'nothing'], /no such volume: nothing/],
		[['rm', '../containers'], /no such volume: \.\.\/containers/],
		[['create', 'x'], /"x" is too short: the name of a volume has at least two characters/],
		[['create', 'a/b'], /"a\/b" is no name of a volume/],
		[['create', '-d', 'nfs', 'named'], /--driver "nfs" is not known; there is local/],
		[['create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'named'], /--opt "type=tmpfs" is no volume that tsrun makes/],
		[['create', '-o', 'size=1', 'named'], /--opt "size=1" has the key "size"/],
		[['create', '-o', 'o=bind', '-o', 'device=/srv', 'shown'], /volume shown is there already, with other options/],
		[['ls', '--filter', 'dangling=maybe'], /--filter "dangling=maybe" is neither true nor false/],
		[['ls', '--filter', 'colour=red'], /--filter "colour=red" has the key "colour"/],
		[['prune'], /nobody can confirm the removal/],
	])('%j is refused', async (words, message) => {
		const { exitCode, stderr } = await tsrun('volume', ...words);
		expect([exitCode === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
	});

	it('rm -f of what is not there is no error', async () => {
		expect((await tsrun('volume', 'rm', '-f', 'nothing')).exitCode).toBe(0);
	});

	it('prune -a removes those with names, but for labels', async () => {
		await tsrun('volume', 'create', '--label', 'keep', 'labelled');
		await tsrun('volume', 'create', 'unlabelled');
		const { stdout } = await tsrun('volume', 'prune', '-a', '-f', '--filter', 'label!=keep');
		expect(stdout).toContain('unlabelled\n');
		expect(await names()).toEqual(['labelled']);
	});
});

describe('the store', () => {
	it('counts every byte of a volume, and knows a damaged one', async () => {
		writeFileSync(join(data('labelled'), 'big'), Buffer.alloc(1 << 20));
		const { stdout } = await tsrun('system', 'df', '--format', '{{.Type}} {{.Bytes}} {{.Active}}');
		expect(Number(/Local Volumes (\d+) 0/.exec(stdout)?.[1])).toBeGreaterThan(1 << 20);
		expect((await tsrun('system', 'check')).exitCode).toBe(0);
		writeFileSync(join(data('labelled'), '../volume.json'), '{');
		const damaged = await tsrun('system', 'check');
		expect([damaged.exitCode, damaged.stdout]).toEqual([1, expect.stringContaining('volumes/labelled')]);
		expect(await names()).toEqual(['labelled']);
		expect((await tsrun('system', 'check', '--repair')).stdout).toContain('has a new record, without labels');
		expect((await tsrun('system', 'check')).exitCode).toBe(0);
		expect(statSync(join(data('labelled'), 'big')).size).toBe(1 << 20);
	});
});

describe('a directory of the host', () => {
	const host = join(sandbox.dir, 'of-the-host');
	beforeAll(() => {
		mkdirSync(host);
		writeFileSync(join(host, 'old'), 'as it was\n');
		for (const path of [host, join(host, 'old')]) chownSync(path, 1000, 1000);
		chmodSync(host, 0o2775);
	});

	it('below an overlay stays as it is; what is written is there in the next run, and gone with the container', async () => {
		const flags = ['--name', 'over', '-v', `${host}:/d:O`];
		const first = await shell(flags, 'stat -c "%u %a" /d; echo new > /d/new; rm /d/old; ls /d');
		expect([first.stderr, first.stdout]).toEqual(['', '1000 2775\nnew\n']);
		expect(readdirSync(host)).toEqual(['old']);
		await tsrun('start', 'over');
		await tsrun('wait', 'over');
		expect((await tsrun('logs', 'over')).stdout).toContain('\nnew\n');
		expect((await tsrun('rm', 'over')).exitCode).toBe(0);
		expect((await shell(['--rm', '-v', `${host}:/d:O`], 'cat /d/*')).stdout).toBe('as it was\n');
		expect(readdirSync(join(sandbox.root, 'containers'))).toEqual([]);
	});

	it('is seen with the ids that idmap says', async () => {
		const ids = 'idmap=uids=1000-0-1;gids=1000-0-1';
		const script = 'stat -c "%u:%g" /d /d/old; touch /d/made';
		for (const flag of [
			['-v', `${host}:/d:${ids}`],
			['--mount', `type=bind,src=${host},dst=/d,${ids}`],
		]) {
			expect(await shell(['--rm', ...flag], script)).toMatchObject({ stderr: '', stdout: '0:0\n0:0\n' });
			const { uid, gid } = statSync(join(host, 'made'));
			expect([uid, gid]).toEqual([1000, 1000]);
			rmSync(join(host, 'made'));
		}
	});

	it('is seen with the ids of --userns private', async () => {
		const script = 'stat -c "%u:%g" /d/old; touch /d/made';
		const flags = ['--rm', '--userns', 'private', '-v', `${host}:/d:idmap`];
		expect(await shell(flags, script)).toMatchObject({ stderr: '', stdout: '1000:1000\n' });
		expect(statSync(join(host, 'made')).uid).toBe(0);
		rmSync(join(host, 'made'));
	});

	it.each([
		[['-v', '/no/such/place:/d:O'], /--volume "\/no\/such\/place:\/d:O" has a source that is no directory/],
		[['-v', `${host}/old:/d:O`], /has a source that is no directory/],
		[['-v', `${host}:/d:idmap`], /--volume "\/d" has idmap, and the container has no ids of its own/],
		[['-v', `${host}:/d:idmap=uids=0-1`], /has an idmap without uids and gids|has the ids "0-1"/],
	])('is refused with %j', async (flags, text) => {
		const { exitCode, stderr } = await shell(['--rm', ...flags], 'true');
		expect([exitCode, stderr]).toEqual([125, expect.stringMatching(text)]);
		expect(existsSync('/no')).toBe(false);
	});
});
