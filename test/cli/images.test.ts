import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeOciLayout } from '../../rootfs-fixtures/oci-layout.mjs';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { eventually } from '../peers/support/eventually.ts';
import { createCli } from './support.ts';

const { sandbox, tsrun, output, refusal } = createCli();
const at = (name: string): string => join(sandbox.dir, name);
let id = '';
let manifest = '';

beforeAll(async () => {
	const entries = [{ name: 'file', data: 'x'.repeat(1000) }];
	await writeOciLayout(at('app'), { layers: [{ note: 'one', entries }], config: { Cmd: ['/file'] } });
	await writeOciLayout(at('other'), {
		layers: [{ note: 'two', entries: [...entries, { name: 'x', data: 'y' }] }],
		config: {},
	});
	const digestOf = (value: unknown): string =>
		`sha256:${createHash('sha256')
			.update(value as Buffer)
			.digest('hex')}`;
	const index = JSON.parse(readFileSync(at('app/index.json'), 'utf8')) as { manifests: [{ digest: string }] };
	manifest = index.manifests[0].digest;
	const bytes = readFileSync(at(`app/blobs/sha256/${manifest.slice(7)}`));
	expect(digestOf(bytes)).toBe(manifest);
	id = (JSON.parse(bytes.toString()) as { config: { digest: string } }).config.digest;
	execFileSync('skopeo', [
		'copy',
		'-q',
		`oci:${at('app')}:latest`,
		`docker-archive:${at('docker.tar')}:example.com/team/app:v1`,
	]);
	execFileSync('skopeo', ['copy', '-q', `oci:${at('app')}:latest`, `oci-archive:${at('saved.tar')}:latest`]);
	execFileSync('gzip', ['-k', at('docker.tar')]);
	execFileSync('zstd', ['-qk', at('docker.tar')]);
	writeFileSync(at('text'), 'no archive');
});
afterEach(async () => {
	const ids = (await output(['images', '-q'])).split('\n').filter(Boolean);
	for (const each of ids) await output(['rmi', '-f', each]);
	expect(readdirSync(join(sandbox.root, 'images/blobs/sha256'))).toEqual([]);
	expect(readdirSync(join(sandbox.root, 'layers'))).toEqual([]);
	expect(readdirSync(join(sandbox.root, 'tmp'))).toEqual([]);
});
afterAll(() => sandbox.remove());

/** Bytes without an end. */
function endless(): Readable {
	return new Readable({
		read() {
			this.push(Buffer.alloc(65_536, 'x'));
		},
	});
}

function filesBelow(directory: string): readonly { readonly path: string; readonly size: number }[] {
	return readdirSync(directory, { recursive: true, encoding: 'utf8' }).flatMap(name => {
		const path = join(directory, name);
		const stat = statSync(path, { throwIfNoEntry: false });
		return stat?.isFile() ? [{ path, size: stat.size }] : [];
	});
}

describe('load', () => {
	it.each([
		['a directory', ['oci:$/app'], 'app:latest'],
		['a reference of a directory', ['oci:$/app:latest'], 'app:latest'],
		['an archive of docker save', ['-i', '$/docker.tar'], 'example.com/team/app:v1'],
		['a compressed one', ['--input=$/docker.tar.gz'], 'example.com/team/app:v1'],
		['one compressed with zstd', ['-i', '$/docker.tar.zst'], 'example.com/team/app:v1'],
		['the same by its transport', ['docker-archive:$/docker.tar'], 'example.com/team/app:v1'],
		['an OCI archive', ['-i', '$/saved.tar'], 'saved:latest'],
		['under another name', ['-t', 'other:2', 'oci:$/app'], 'other:2'],
	])('takes %s', async (_, words, name) => {
		const real = words.map(word => word.replace('$', sandbox.dir));
		expect(await output(['load', ...real])).toBe(`Loaded image: ${name}\n`);
		expect(await output(['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'])).toBe(
			`${name} ${id}\n`,
		);
	});

	it('takes standard input', async () => {
		const { stdout, exitCode } = await execa(TSRUN, ['load'], { inputFile: at('docker.tar'), env: { ...sandbox.env } });
		expect([stdout, exitCode]).toEqual(['Loaded image: example.com/team/app:v1', 0]);
	});

	it.each(['docker.tar', 'docker.tar.gz', 'docker.tar.zst'])(
		'keeps %s from standard input in the store while it loads, and not in /tmp',
		async name => {
			const env = { ...sandbox.env, TMPDIR: '/no/such/directory' };
			const { stdout } = await execa(TSRUN, ['load'], { inputFile: at(name), env });
			expect(stdout).toBe('Loaded image: example.com/team/app:v1');
		},
	);

	it('that is killed leaves what came on standard input to prune, and system df names it', async () => {
		const child = execa(TSRUN, ['load'], { input: endless(), env: { ...sandbox.env }, reject: false });
		const files = await eventually(
			async () => filesBelow(join(sandbox.root, 'tmp')),
			files => files.some(({ size }) => size > 1_000_000),
		);
		expect(files.map(({ path }) => path)).toEqual([expect.stringMatching(/\/tmp\/work-\w+\/stdin$/)]);
		child.kill('SIGKILL');
		await child;
		const other = async (): Promise<number> =>
			Number((await output(['system', 'df', '--format', '{{.Type}} {{.Bytes}}'])).match(/^Other (\d+)$/m)?.[1]);
		expect(await other()).toBeGreaterThan(1_000_000);
		expect(await output(['image', 'prune', '-f'])).toMatch(/^Total reclaimed space: [1-9]/);
		expect(await other()).toBeLessThan(1_000_000);
	});

	it.each(['oci-archive', 'docker-archive'])('takes every image of %s, and says each', async format => {
		await output(['load', '-t', 'one:1', `oci:${at('app')}`]);
		await output(['load', '-t', 'example.com/two:2', `oci:${at('other')}`]);
		const file = at(`several.${format}`);
		await output(['save', '--format', format, '-o', file, 'one:1', 'example.com/two:2']);
		const before = await output(['images', '--digests']);
		await output(['rmi', 'one:1', 'example.com/two:2']);
		expect(await output(['load', '-i', file])).toBe('Loaded image: one:1\nLoaded image: example.com/two:2\n');
		expect(await output(['images', '--digests'])).toBe(before);
		const [stderr] = await refusal(['load', '-t', 'name', '-i', file]);
		expect(stderr).toMatch(/holds 2 images for one name\n {2}hint: choose one of one:1, example.com\/two:2\n$/);
		expect(await output(['load', '-t', 'name', `${format}:${file}:example.com/two:2`])).toBe(
			'Loaded image: name:latest\n',
		);
	});

	it('prints the id alone with -q, and nothing on stderr in a pipe', async () => {
		expect(await output(['load', '-q', `oci:${at('app')}`])).toBe(`${id}\n`);
	});

	it('twice is the same as once', async () => {
		await output(['load', `oci:${at('app')}`]);
		const before = await output(['images', '--format', 'json']);
		await output(['load', `oci:${at('app')}`]);
		expect(await output(['images', '--format', 'json'])).toBe(before);
	});

	it.each([
		['no file', ['-i', '/no/such'], /^tsrun: archive \/no\/such cannot be opened: no such file or directory\n$/],
		['no archive', ['-i', '$/text'], /^tsrun: archive \S+\/text .*\n {2}hint: .*\n$/],
		['a name', ['busybox'], /^tsrun: image reference "busybox" is not a file or directory\n {2}hint: use oci:DIR/],
		['two sources', ['-i', '$/docker.tar', 'oci:$/app'], /^tsrun: load: takes either a reference or --input\n$/],
		['another platform', ['--platform', 'linux/s390x', 'oci:$/app'], /^tsrun: image .* not for linux\/s390x\n/],
		['a bad name', ['-t', 'UPPER', 'oci:$/app'], /^tsrun: .*"UPPER"/],
	])('refuses %s', async (_, words, message) => {
		const [stderr, exitCode] = await refusal(['load', ...words.map(word => word.replace('$', sandbox.dir))]);
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(125);
	});

	it.each(['', 'x', 'x'.repeat(2000)])('refuses a standard input that is no archive: %#', async input => {
		const [stderr, exitCode] = await refusal(['load'], { input });
		expect(stderr).toMatch(/^tsrun: the archive on standard input .*\n {2}hint: .*\n$/);
		expect(exitCode).toBe(125);
	});
});

describe('images', () => {
	it('is only a head while there are none', async () => {
		expect(await output(['images'])).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n$/);
		expect(await output(['images', '-q'])).toBe('');
		expect(await output(['images', '--format', 'json'])).toBe('');
	});

	it('has a line for each name, and -q one for each image', async () => {
		await output(['load', `oci:${at('app')}`]);
		await output(['load', '-t', 'registry.example:5000/deep/name:v2', `oci:${at('app')}`]);
		const [head, ...rows] = (await output(['images'])).trimEnd().split('\n');
		const short = id.slice(7, 19);
		expect(rows.map(row => row.split(/ {2,}/))).toEqual([
			['app', 'latest', short, expect.stringMatching(/^\d+ years? ago$/), expect.stringMatching(/^[\d.]+k?B$/)],
			['registry.example:5000/deep/name', 'v2', short, expect.any(String), expect.any(String)],
		]);
		// columns are aligned
		expect(rows.every(row => row.indexOf(short) === head?.indexOf('IMAGE ID'))).toBe(true);
		expect(await output(['images', '-q'])).toBe(`${short}\n`);
		expect(await output(['images', '-q', '--no-trunc'])).toBe(`${id}\n`);
		expect(await output(['images', '-q=false', '--digests'])).toMatch(new RegExp(` ${manifest} `));
	});

	it('as JSON has a document a line', async () => {
		await output(['load', `oci:${at('app')}`]);
		const [line, rest] = (await output(['images', '--format', 'json'])).split('\n');
		expect(JSON.parse(line ?? '')).toEqual({
			Repository: 'app',
			Tag: 'latest',
			Digest: manifest,
			ID: id.slice(7, 19),
			CreatedSince: expect.stringMatching(/ago$/),
			CreatedAt: '2024-01-01T00:00:00.000Z',
			Size: expect.stringMatching(/^[\d.]+k?B$/),
		});
		expect(rest).toBe('');
	});
});

describe('images with filters', () => {
	const listed = async (...words: readonly string[]): Promise<readonly string[]> =>
		(await output(['images', '--format', '{{.Repository}}:{{.Tag}}', ...words])).split('\n').filter(Boolean);

	it('shows those that fit', async () => {
		await output(['load', `oci:${at('app')}`]);
		await output(['load', '-t', 'registry.example/deep/app:v2', `oci:${at('app')}`]);
		expect(await listed('--filter', 'reference=app')).toEqual(['app:latest']);
		expect(await listed('app:l*')).toEqual(['app:latest']);
		expect(await listed('*/deep/app')).toEqual(['registry.example/deep/app:v2']);
		expect(await listed('-f', 'dangling=true')).toEqual([]);
		expect(await listed('-f', 'dangling=false', '-f', 'until=1h')).toHaveLength(2);
		expect(await listed('-f', 'before=app')).toEqual([]);
		expect(await listed('-f', 'label=none')).toEqual([]);
	});

	it.each([
		['frob=1', /has the key "frob"; there are dangling, label/],
		['dangling', /is not of the form KEY=VALUE/],
		['until=never', /neither a time nor a duration/],
		['before=nosuch', /no image "nosuch"/],
	])('refuses %s', async (filter, message) => {
		const [stderr, exitCode] = await refusal(['images', '--filter', filter]);
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(125);
	});

	it('refuses a template that it does not know', async () => {
		await output(['load', `oci:${at('app')}`]);
		expect((await refusal(['images', '--format', '{{.Foo}}']))[0]).toMatch(
			/^tsrun: format: there is no field \.Foo\n {2}hint: there are \.Repository /,
		);
	});
});

describe('rmi', () => {
	it('takes one name away, and the image with the last', async () => {
		await output(['load', `oci:${at('app')}`]);
		await output(['load', '-t', 'second', `oci:${at('app')}`]);
		expect(await output(['rmi', 'app'])).toBe('Untagged: app:latest\n');
		const last = (await output(['rmi', 'second:latest'])).trimEnd().split('\n');
		expect(last[0]).toBe('Untagged: second:latest');
		expect(last.slice(1).sort()).toEqual(
			[...new Set([`Deleted: ${id}`, `Deleted: ${manifest}`, ...last.slice(1)])].sort(),
		);
		expect(last).toContain(`Deleted: ${manifest}`);
		expect(await output(['images', '-q'])).toBe('');
	});

	it('asks for --force where an id has names in several repositories', async () => {
		await output(['load', `oci:${at('app')}`]);
		await output(['load', '-t', 'second', `oci:${at('app')}`]);
		const short = id.slice(7, 19);
		const [stderr, exitCode] = await refusal(['rmi', short]);
		expect(stderr).toMatch(/has 2 names: app:latest, second:latest\n {2}hint: .*--force/);
		expect(exitCode).toBe(1);
		expect(await output(['rmi', '-f', short])).toMatch(/^Untagged: app:latest\nUntagged: second:latest\nDeleted: /);
	});

	it('goes on after one that is not there, and ends with 1', async () => {
		await output(['load', `oci:${at('app')}`]);
		const { stdout, stderr, exitCode } = await tsrun(['rmi', 'nosuch', 'app']);
		expect(stderr).toMatch(/^tsrun: no image "nosuch" in the store\n {2}hint: .*\n$/);
		expect(stdout).toMatch(/^Untagged: app:latest\n/);
		expect(exitCode).toBe(1);
	});

	it.each([
		['a local reference', 'oci:/x', /not a name in the store/],
		['a malformed one', 'UPPER//', /"UPPER\/\/"/],
	])('refuses %s', async (_, name, message) => {
		const [stderr, exitCode] = await refusal(['rmi', name]);
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(1);
	});
});
