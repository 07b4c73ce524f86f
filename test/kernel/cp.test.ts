import {
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listContainers } from './support/list-containers.ts';
import { createSandbox, runTsrun, TSRUN, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';
import { type StartedTsrun, startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
const at = (...parts: readonly string[]): string => join(sandbox.dir, 'host', ...parts);
let image = '';
let running: StartedTsrun;

const tsrun = (...words: readonly string[]): Promise<TsrunResult> => runTsrun(sandbox, words);
const cp = async (...words: readonly string[]): Promise<string> => {
	const { exitCode, stderr } = await tsrun('cp', '-q', ...words);
	return exitCode === 0 ? stderr : `${exitCode}: ${stderr}`;
};
const fresh = (name: string): string => {
	rmSync(at(name), { recursive: true, force: true });
	mkdirSync(at(name));
	return at(name);
};
/** Pid on the host. */
async function initOf(name: string): Promise<number> {
	return (await listContainers(sandbox)).find(each => each.name === name)?.pid ?? 0;
}
/** Names and content below a directory. */
function tree(path: string): Readonly<Record<string, string>> {
	const found = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
	return Object.fromEntries(
		found.map(name => {
			const file = join(path, name);
			const stat = lstatSync(file);
			if (stat.isSymbolicLink()) return [name, `-> ${readlinkSync(file)}`];
			return [name, stat.isDirectory() ? 'directory' : readFileSync(file, 'utf8')];
		}),
	);
}

beforeAll(async () => {
	mkdirSync(at(), { recursive: true });
	writeFileSync(at('secret'), 'of the host');
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		files: [
			{ name: 'd/', mode: 0o750 },
			{ name: 'd/one', data: '1', mode: 0o640, uid: 1000, gid: 2000 },
			{ name: 'd/same', linkname: 'd/one', type: 'link' },
			{ name: 'd/sub/' },
			{ name: 'd/sub/two', data: '2' },
			{ name: 'd/sub/link', linkname: '../one' },
			{ name: 'file', data: 'f' },
			{ name: 'to-file', linkname: 'file' },
			{ name: 'to-dir', linkname: '/d' },
			{ name: 'to-host', linkname: at('secret') },
			{ name: 'up', linkname: `../../../../../../..${at()}` },
		],
	});
	await tsrun('load', image);
	const words = ['-v', 'vol:/vol', '--tmpfs', '/mem', '--entrypoint', '/bin/sh', image];
	await runTsrun(sandbox, ['run', '--name', 'ended', ...words, '-c', 'echo v >/vol/in; echo new >/d/new']);
	running = startTsrun(sandbox, ['run', '--name', 'on', ...words, '-c', 'echo m >/mem/in; echo up; sleep 1000']);
	await running.nextLine();
});
afterAll(async () => {
	await tsrun('rm', '-fv', 'on', 'ended');
	sandbox.remove();
});

const WHOLE = { one: '1', same: '1', sub: 'directory', 'sub/link': '-> ../one', 'sub/two': '2' };
const inside = (name: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
	[name]: 'directory',
	...Object.fromEntries(Object.entries(files).map(([key, value]) => [`${name}/${key}`, value])),
});

describe('from a container', () => {
	it.each<[string, string, Readonly<Record<string, string>> | RegExp]>([
		['on:/d', 'out', inside('d', WHOLE)],
		['on:/d', 'out/', inside('d', WHOLE)],
		['on:/d/', 'out', inside('d', WHOLE)],
		['on:/d/.', 'out', WHOLE],
		['on:d', 'out', inside('d', WHOLE)],
		['on:/d', 'out/new', inside('new', WHOLE)],
		['on:/d/.', 'out/new', inside('new', WHOLE)],
		['on:/d', 'out/new/', inside('new', WHOLE)],
		['on:/d', 'out/no/new', /out\/no\/new: no such file or directory/],
		['on:/file', 'out', { file: 'f' }],
		['on:/file', 'out/renamed', { renamed: 'f' }],
		['on:/file', 'out/new/', /out\/new\/: no such directory/],
		['on:/file/', 'out', /on:\/file\/ is not a directory/],
		['on:/file/.', 'out', /on:\/file\/\. is not a directory/],
		['on:/nothing', 'out', /on:\/nothing: no such file or directory/],
		['on:/to-file', 'out', { 'to-file': '-> file' }],
		['on:/to-dir', 'out', { 'to-dir': '-> /d' }],
		['on:/to-dir/', 'out', inside('to-dir', WHOLE)],
		['on:/to-dir/.', 'out', WHOLE],
		['on:/d/sub/..', 'out', inside('d', WHOLE)],
		['on:/to-host', 'out', { 'to-host': `-> ${at('secret')}` }],
		['on:/up/secret', 'out', /on:\/up\/secret: no such file or directory/],
		['on:/mem', 'out', { mem: 'directory', 'mem/in': 'm\n' }],
		['on:/vol/in', 'out', { in: 'v\n' }],
		['on:/proc', 'out', { proc: 'directory' }],
		['on:/proc/1/environ', 'out', /is a file of the kernel, and is not copied/],
		['ended:/d/new', 'out', { new: 'new\n' }],
		['ended:/vol', 'out', { vol: 'directory', 'vol/in': 'v\n' }],
		['ended:/to-host', 'out', { 'to-host': `-> ${at('secret')}` }],
		['ended:/up/secret', 'out', /ended:\/up\/secret: no such file or directory/],
		['none:/d', 'out', /no such container: none/],
		['on:', 'out', /cp "on:" is not CONTAINER:PATH/],
		['on:/d', 'ended:/tmp', /nothing is copied from one container into another/],
		['/etc/hosts', 'out', /one of the two must be a path of a container/],
	])('%s to %s', async (source, destination, expected) => {
		fresh('out');
		const to = destination.startsWith('out') ? at(destination) : destination;
		const said = await cp(source, destination.endsWith('/') ? `${to.replace(/\/$/, '')}/` : to);
		if (expected instanceof RegExp) expect([said, tree(at('out'))]).toEqual([expect.stringMatching(expected), {}]);
		else expect([said, tree(at('out'))]).toEqual(['', expected]);
	});

	it('-L copies what a link leads to, in the container', async () => {
		fresh('out');
		expect(await cp('-L', 'on:/to-dir', at('out/dir'))).toBe('');
		expect(await cp('-L', 'on:/to-file', at('out'))).toBe('');
		expect(tree(at('out'))).toEqual({ ...inside('dir', WHOLE), 'to-file': 'f' });
		expect(await cp('-L', 'on:/to-host', at('out'))).toMatch(/on:\/to-host: no such file or directory/);
	});

	it('keeps modes and hard links, and with -a owners', async () => {
		fresh('out');
		await cp('on:/d', at('out/plain'));
		const [one, same] = [statSync(at('out/plain/one')), statSync(at('out/plain/same'))];
		expect([one.mode & 0o777, one.uid, one.gid, one.ino]).toEqual([0o640, 0, 0, same.ino]);
		expect(statSync(at('out/plain')).mode & 0o777).toBe(0o750);
		await cp('-a', 'on:/d/one', at('out/owned'));
		expect([statSync(at('out/owned')).uid, statSync(at('out/owned')).gid]).toEqual([1000, 2000]);
	});

	it('puts a file over a file, and nothing over another kind', async () => {
		fresh('out');
		writeFileSync(at('out/file'), 'old');
		mkdirSync(at('out/d'));
		writeFileSync(at('out/d/sub'), 'a file');
		expect(await cp('on:/file', at('out'))).toBe('');
		expect(readFileSync(at('out/file'), 'utf8')).toBe('f');
		expect(await cp('on:/d', at('out'))).toMatch(
			/"d\/sub" is not a directory, and a directory does not take its place/,
		);
		expect(await cp('on:/d', at('out/file'))).toMatch(/on:\/d is a directory, and .*out\/file is none/);
		rmSync(at('out/file'));
		mkdirSync(at('out/file'));
		expect(await cp('on:/file', at('out'))).toMatch(/"file" is a directory, and a file does not take its place/);
	});

	it('says what it did unless told not to', async () => {
		fresh('out');
		expect((await tsrun('cp', 'on:/file', at('out'))).stderr).toMatch(/^Successfully copied [\d.]+kB to .*out\n$/);
	});

	it('writes an archive that tar reads', async () => {
		const { stdout } = await execa(TSRUN, ['cp', 'on:/d', '-'], { env: sandbox.env, encoding: 'buffer' });
		const listed = await execa('tar', ['-t'], { input: stdout });
		expect(listed.stdout.split('\n')).toEqual(['d/', 'd/one', 'd/same', 'd/sub/', 'd/sub/link', 'd/sub/two']);
	});
});

describe('into a container', () => {
	/** In the container's namespaces, which the host enters by its init. */
	const shell = async (text: string): Promise<{ readonly stdout: string }> =>
		execa('nsenter', ['-t', String(await initOf('on')), '-m', '-p', '/bin/sh', '-c', text], {
			stripFinalNewline: false,
		});
	const listIn = async (path: string): Promise<readonly string[]> =>
		(await shell(`cd ${path} && find . | sort`)).stdout.split('\n').filter(each => each !== '' && each !== '.');

	it.each<[string, string, readonly string[] | RegExp]>([
		['in', '/tmp/t', ['./in', './in/a', './in/b', './in/b/c']],
		['in/.', '/tmp/t', ['./a', './b', './b/c']],
		['in', '/tmp/t/new', ['./new', './new/a', './new/b', './new/b/c']],
		['in/a', '/tmp/t', ['./a']],
		['in/a', '/tmp/t/x', ['./x']],
		['in/a', '/tmp/t/x/', /no such directory/],
		['in/a', '/tmp/t/no/x', /no such file or directory/],
		['in/nothing', '/tmp/t', /no such file or directory/],
		['in/a', '/proc/sys/kernel', /belongs to the kernel/],
	])('%s to %s', async (source, destination, expected) => {
		fresh('in');
		writeFileSync(at('in/a'), 'A');
		mkdirSync(at('in/b'));
		writeFileSync(at('in/b/c'), 'C');
		await shell('rm -rf /tmp/t; mkdir /tmp/t');
		const said = await cp(`${at()}/${source}`, `on:${destination}`);
		if (expected instanceof RegExp)
			expect([said, await listIn('/tmp/t')]).toEqual([expect.stringMatching(expected), []]);
		else expect([said, await listIn('/tmp/t')]).toEqual(['', expected]);
	});

	it('keeps owners and modes, follows a link at the end, and replaces links below', async () => {
		fresh('in');
		writeFileSync(at('in/own'), 'x', { mode: 0o604 });
		chownSync(at('in/own'), 1000, 2000);
		await shell(
			'rm -rf /tmp/t; mkdir /tmp/t /tmp/t/real; ln -s /tmp/t/real /tmp/t/link; ln -s /etc/passwd /tmp/t/real/own',
		);
		expect(await cp(at('in/own'), 'on:/tmp/t/link')).toBe('');
		const { stdout } = await shell('stat -c "%F %a %u %g" /tmp/t/real/own; grep -c root /etc/passwd');
		expect(stdout).toBe('regular file 604 1000 2000\n1\n');
	});

	it('writes into a file that is mounted, and leaves it mounted', async () => {
		fresh('in');
		writeFileSync(at('in/hosts'), '127.0.0.1 mine\n');
		expect(await cp(at('in/hosts'), 'on:/etc/hosts')).toBe('');
		expect((await shell('cat /etc/hosts; grep -c " /etc/hosts " /proc/self/mountinfo')).stdout).toBe(
			'127.0.0.1 mine\n1\n',
		);
	});

	it('takes an archive from standard input, plain or with gzip', async () => {
		await shell('rm -rf /tmp/t; mkdir /tmp/t');
		fresh('in');
		writeFileSync(at('in/a'), 'A');
		for (const flag of ['-c', '-cz']) {
			const tar = await execa('tar', [flag, '-C', at('in'), 'a'], { encoding: 'buffer' });
			await execa(TSRUN, ['cp', '-', 'on:/tmp/t'], { env: sandbox.env, input: tar.stdout });
			expect((await shell('cat /tmp/t/a; rm /tmp/t/a')).stdout).toBe('A');
		}
		const tar = await execa('tar', ['-c', '-C', at('in'), 'a'], { encoding: 'buffer' });
		const refused = await execa(TSRUN, ['cp', '-', 'on:/file'], { env: sandbox.env, input: tar.stdout, reject: false });
		expect(refused.stderr).toMatch(/on:\/file must be a directory that is there/);
	});

	it('is for one that has ended as well, with its volumes, and shows no mount to the host', async () => {
		fresh('in');
		writeFileSync(at('in/late'), 'L');
		const before = readFileSync('/proc/self/mountinfo', 'utf8');
		expect(await cp(at('in/late'), 'ended:/vol')).toBe('');
		expect(await cp(at('in/late'), 'ended:/d')).toBe('');
		expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
		expect(readFileSync(join(sandbox.root, 'volumes/vol/_data/late'), 'utf8')).toBe('L');
		fresh('out');
		expect(await cp('ended:/d/late', at('out'))).toBe('');
		expect(tree(at('out'))).toEqual({ late: 'L' });
	});

	it('never leads out of a container that leads elsewhere', async () => {
		fresh('in');
		writeFileSync(at('in/secret'), 'overwritten');
		const said = [await cp(at('in/secret'), 'on:/up'), await cp(at('in/secret'), 'on:/to-host')];
		expect(readFileSync(at('secret'), 'utf8')).toBe('of the host');
		expect(said[0]).toMatch(/no such file or directory/);
		expect(existsSync(at('new'))).toBe(false);
	});
});

describe('in a user namespace', () => {
	it('owners are those of the container on the way out, and of its root on the way in', async () => {
		const flags = ['run', '--name', 'mapped', '--userns', 'private:300000:65536', '--entrypoint', '/bin/sh', image];
		const container = startTsrun(sandbox, [...flags, '-c', 'echo x >/tmp/x; echo up; sleep 1000']);
		await container.nextLine();
		try {
			fresh('out');
			expect(await cp('-a', 'mapped:/d/one', at('out'))).toBe('');
			expect(statSync(at('out/one')).uid).toBe(1000);
			expect(await cp('-a', 'mapped:/tmp/x', at('out'))).toBe('');
			expect(statSync(at('out/x')).uid).toBe(0);
			expect(await cp(at('out/one'), 'mapped:/tmp/back')).toBe('');
			const found = statSync(`/proc/${await initOf('mapped')}/root/tmp/back`);
			expect([found.uid, found.gid]).toEqual([301_000, 302_000]);
		} finally {
			await tsrun('rm', '-fv', 'mapped');
		}
	});
});

describe('while the container exchanges names without end (CVE-2018-15664)', () => {
	it('nothing of the host is read or written', { timeout: 120_000 * SLOWNESS }, async () => {
		fresh('in');
		for (let index = 0; index < 20; index++) writeFileSync(at('in', `f${index}`), 'in');
		const swap = `mkdir -p /tmp/a/race /tmp/a/x; ln -sfn ${at()} /tmp/a/l; cd /tmp/a; echo up
			while :; do mv race r2; mv l race; mv race l; mv r2 race; done`;
		const container = startTsrun(sandbox, ['run', '--name', 'racing', '--entrypoint', '/bin/sh', image, '-c', swap]);
		await container.nextLine();
		const before = tree(at());
		try {
			for (let round = 0; round < 5; round++) {
				fresh('race-out');
				await cp(`${at('in')}/.`, 'racing:/tmp/a/race');
				await cp('racing:/tmp/a/race/secret', at('race-out'));
				expect(tree(at('race-out'))).toEqual({});
			}
		} finally {
			await tsrun('rm', '-fv', 'racing');
		}
		rmSync(at('race-out'), { recursive: true });
		expect(tree(at())).toEqual(before);
	});
});
