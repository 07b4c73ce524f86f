import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	existsSync,
	lchownSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { witnessImage } from '../support/witness-image.ts';
import { check, contents } from './support.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.remove());
let image = '';
const tsrun = (...words: readonly string[]) => runTsrun(sandbox, words);
const at = (path: string): string => join(sandbox.root, path);

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'app'), {
		layers: [
			[
				{ name: 'data/', mode: 0o755 },
				{ name: 'data/file', data: 'content', mode: 0o644 },
				{ name: 'data/hard', type: 'link', linkname: 'data/file' },
				{ name: 'data/link', linkname: 'file' },
			],
			[{ name: 'data/.wh.link', data: '' }],
		],
	});
});
beforeEach(async () => {
	rmSync(sandbox.root, { recursive: true, force: true });
	expect((await tsrun('load', image)).exitCode).toBe(0);
	expect((await check(sandbox)).findings).toEqual([]);
});

/** The layer directory that has a file. */
function layerWith(path: string): string {
	const name = readdirSync(at('layers')).find(each => existsSync(at(`layers/${each}/${path}`)));
	if (name === undefined) throw new Error(`no layer has ${path}`);
	return at(`layers/${name}`);
}

function largestBlob(): string {
	const blobs = at('images/blobs/sha256');
	const sized = readdirSync(blobs).map(name => [readFileSync(join(blobs, name)).length, join(blobs, name)] as const);
	return sized.sort((a, b) => b[0] - a[0])[0]?.[1] ?? '';
}

const changeByte = (path: string): void => {
	const bytes = readFileSync(path);
	bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
	writeFileSync(path, bytes);
};

const manifestBlob = (): string => {
	const index = JSON.parse(readFileSync(at('images/index.json'), 'utf8')) as { manifests: [{ digest: string }] };
	return at(`images/blobs/sha256/${index.manifests[0].digest.slice(7)}`);
};

describe('system check finds damage, changes nothing, and repairs it when told', () => {
	it.each<readonly [title: string, damage: () => void, problem: RegExp, keepsImage: boolean]>([
		['a byte of a blob', () => changeByte(largestBlob()), /^blob sha256:\w+ has the content of sha256:/, false],
		['a blob that is shorter', () => truncateSync(largestBlob(), 10), /^blob sha256:\w+ has the content of/, false],
		['a blob that is missing', () => rmSync(largestBlob()), /^image app:latest is not complete: blob sha256:/, false],
		['a byte of a manifest', () => changeByte(manifestBlob()), /^image app:latest has no manifest: blob/, false],
		['a manifest that is missing', () => rmSync(manifestBlob()), /^image app:latest has no manifest/, false],
		['index.json that is no JSON', () => truncateSync(at('images/index.json'), 20), /^images\/index.json .*JSON/, true],
		[
			'an entry of index.json that is none',
			() => {
				const index = JSON.parse(readFileSync(at('images/index.json'), 'utf8')) as { manifests: unknown[] };
				writeFileSync(at('images/index.json'), JSON.stringify({ ...index, manifests: [...index.manifests, { x: 1 }] }));
			},
			/^images\/index.json .*\/manifests\/1/,
			true,
		],
		['oci-layout of another version', () => writeFileSync(at('images/oci-layout'), '{}'), /^images\/oci-layout /, true],
		[
			'a byte of an extracted file',
			() => changeByte(join(layerWith('data/file'), 'data/file')),
			/: other content$/,
			true,
		],
		[
			'an extracted file that is longer',
			() => appendFileSync(join(layerWith('data/file'), 'data/file'), 'x'),
			/data\/(file|hard): other size$/,
			true,
		],
		['a mode', () => chmodSync(join(layerWith('data/file'), 'data/file'), 0o4755), /: other mode$/, true],
		['an owner', () => lchownSync(join(layerWith('data/file'), 'data/link'), 5, 5), /data\/link: other owner$/, true],
		['a time', () => utimesSync(join(layerWith('data/file'), 'data'), 1, 1), /data: other modification time$/, true],
		[
			'an attribute',
			() => execFileSync('setfattr', ['-n', 'user.x', '-v', 'y', join(layerWith('witness'), 'witness')]),
			/witness: other extended attributes$/,
			true,
		],
		['a file that is missing', () => rmSync(join(layerWith('witness'), 'witness')), /witness: is missing$/, true],
		['a file too many', () => mkdirSync(join(layerWith('witness'), 'more')), /more: does not belong there$/, true],
		[
			'a link to elsewhere',
			() => {
				const link = join(layerWith('data/file'), 'data/link');
				unlinkSync(link);
				symlinkSync('hard', link);
			},
			/data\/link: other target$/,
			true,
		],
		[
			'a hard link that is a copy',
			() => {
				const [file, hard] = ['data/file', 'data/hard'].map(name => join(layerWith('data/file'), name)) as [
					string,
					string,
				];
				rmSync(hard);
				execFileSync('cp', ['-a', file, hard]);
				execFileSync('touch', ['-r', file, hard]);
			},
			/is not the hard link that it should be|other modification time/,
			true,
		],
		[
			'a record that is no JSON',
			() => truncateSync(`${layerWith('witness')}.json`, 5),
			/^record of layer \w+ .*not JSON/,
			true,
		],
		[
			'a record that is empty',
			() => truncateSync(`${layerWith('witness')}.json`, 0),
			/^record of layer \w+ is empty$/,
			true,
		],
		[
			'a summary that is empty',
			() => truncateSync(at(`resolved/${readdirSync(at('resolved'))[0]}`), 0),
			/^resolved\/\w+\.json .*not JSON/,
			true,
		],
		[
			'a record of another layer',
			() => writeFileSync(`${layerWith('witness')}.json`, readFileSync(`${layerWith('data/file')}.json`)),
			/^record of layer \w+ is that of layer/,
			true,
		],
		[
			'a summary that is no JSON',
			() => truncateSync(at(`resolved/${readdirSync(at('resolved'))[0]}`), 5),
			/^resolved\/\w+\.json .*not JSON/,
			true,
		],
		[
			'a summary that says something else',
			() => {
				const path = at(`resolved/${readdirSync(at('resolved'))[0]}`);
				writeFileSync(path, readFileSync(path, 'utf8').replace('"user":""', '"user":"5"'));
			},
			/^resolved\/\w+\.json has another configuration than its image$/,
			true,
		],
		[
			'a layer that is missing',
			() => renameSync(layerWith('witness'), join(sandbox.dir, `gone-${Math.random()}`)),
			/^resolved\/\w+\.json names layers that are not there$/,
			true,
		],
	])('%s', async (_, damage, problem, keepsImage) => {
		damage();
		const before = execFileSync('find', [sandbox.root, '-type', 'f'], { encoding: 'utf8' });
		const { exitCode, stdout } = await tsrun('system', 'check');
		expect(exitCode).toBe(1);
		const words = stdout.split('\n').flatMap(line => /^damage: (.*)$/.exec(line)?.[1] ?? []);
		expect(words.join('\n')).toMatch(new RegExp(problem.source, 'm'));
		expect(execFileSync('find', [sandbox.root, '-type', 'f'], { encoding: 'utf8' })).toBe(before);
		const repaired = await check(sandbox, '--repair');
		expect(repaired.findings.filter(({ outcome }) => outcome?.isRepaired !== true)).toEqual([]);
		expect((await check(sandbox)).findings).toEqual([]);
		if (!keepsImage) expect((await tsrun('load', image)).exitCode).toBe(0);
		const [id] = (await tsrun('images', '-q')).stdout.split('\n');
		expect((await tsrun('run', '--rm', id ?? '')).exitCode).toBe(0);
		expect((await check(sandbox)).findings).toEqual([]);
	});
});

describe('system check', () => {
	it('names what belongs to nobody, and prune removes it', async () => {
		const blob = at(`images/blobs/sha256/${'a'.repeat(64)}`);
		execFileSync('sh', [
			'-c',
			`printf orphan > ${blob} && mv ${blob} ${at('images/blobs/sha256')}/$(printf orphan | sha256sum | cut -c1-64)`,
		]);
		for (const path of ['layers/abc', 'tmp/work-1', 'containers/old', 'mounts/x'])
			mkdirSync(at(path), { recursive: true });
		for (const path of ['layers/def.json', 'tmp/blob-1', 'resolved/0.json']) writeFileSync(at(path), '{}');
		const { exitCode, stdout } = await tsrun('system', 'check');
		expect(
			stdout
				.match(/^garbage: \S+/gm)
				?.map(line => line.slice('garbage: '.length))
				.sort(),
		).toEqual([
			'containers/old',
			expect.stringMatching(/^images\/blobs\/sha256\//),
			'layers/abc',
			'layers/def.json',
			'mounts/x',
			'resolved/0.json',
			'tmp/blob-1',
			'tmp/work-1',
		]);
		expect(stdout).toMatch(/damage/);
		expect(exitCode).toBe(1);
		await tsrun('image', 'prune', '-f');
		expect((await check(sandbox)).findings).toEqual([]);
		expect((await tsrun('run', '--rm', 'app')).exitCode).toBe(0);
	});

	it('does not take away under a container what it was made from', async () => {
		expect((await tsrun('run', '--name', 'kept', 'app')).exitCode).toBe(0);
		rmSync(largestBlob());
		const { findings } = await check(sandbox, '--repair');
		expect(findings).toEqual([
			{
				kind: 'damage',
				what: 'image app:latest',
				problem: expect.stringMatching(/^is not complete/),
				outcome: { isRepaired: false, text: 'container kept was made from it; load the image again' },
			},
		]);
		expect((await tsrun('load', image)).exitCode).toBe(0);
		expect((await check(sandbox)).findings).toEqual([]);
		await tsrun('rm', 'kept');
	});
});

describe('system df', () => {
	it('has an owner for every byte that du counts', async () => {
		await tsrun('run', '--name', 'one', '-v', '/anonymous', 'app', 'write', '/anonymous/x', 'x');
		await tsrun('load', '-t', 'second', image);
		mkdirSync(at('tmp/work-old'));
		writeFileSync(at('tmp/work-old/blob'), Buffer.alloc(50_000, 1));
		writeFileSync(at('stranger'), 'not of tsrun');
		writeFileSync(at('images/stranger'), Buffer.alloc(9000, 1));
		const lines = (await tsrun('system', 'df', '--format', '{{.Type}} {{.Bytes}}')).stdout.trimEnd().split('\n');
		const total = lines.reduce((sum, line) => sum + Number(/\d+$/.exec(line)?.[0]), 0);
		const du = execFileSync('du', ['-s', '-x', '-B1', sandbox.root], { encoding: 'utf8' }).split('\t')[0];
		expect(total).toBe(Number(du));
		expect(lines.map(line => line.replace(/ \d+$/, ''))).toEqual([
			'Images',
			'Layers',
			'Containers',
			'Local Volumes',
			'Other',
		]);
		const verbose = (await tsrun('system', 'df', '-v')).stdout;
		expect(verbose).toMatch(/^second +latest +\w{12} +.* ago +\S+ +0B +\S+ +1$/m);
		expect(verbose).toMatch(/ one$/m);
		expect(verbose).toMatch(/^stranger +4\.1kB$/m);
		await tsrun('rm', 'one');
	});
});

describe('system prune', () => {
	it('removes containers that have ended, and images that nothing uses then', async () => {
		await tsrun('run', '--name', 'ended', 'app');
		expect((await tsrun('rmi', 'app')).stderr).toMatch(/image app is used by container ended/);
		expect((await tsrun('rmi', '-f', 'app')).stdout).toBe('Untagged: app:latest\n');
		expect((await tsrun('image', 'prune', '-af')).stdout).toBe('Total reclaimed space: 0B\n');
		expect((await tsrun('system', 'prune', '-f', '--filter', 'until=24h')).stdout).toBe('Total reclaimed space: 0B\n');
		const { stdout } = await tsrun('system', 'prune', '-f');
		expect(stdout).toMatch(
			/^Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Images:\ndeleted: sha256:[\s\S]*\n\nTotal reclaimed space: [\d.]+[kM]B\n$/,
		);
		expect(contents(sandbox)).toEqual([]);
	});

	it('does nothing where nobody can be asked', async () => {
		for (const words of [
			['system', 'prune'],
			['image', 'prune', '-a'],
		]) {
			const { exitCode, stderr } = await tsrun(...words);
			expect([exitCode, stderr]).toEqual([
				125,
				expect.stringMatching(/nobody can confirm the removal\n {2}hint: use --force\n$/),
			]);
		}
		expect((await tsrun('run', '--rm', 'app')).exitCode).toBe(0);
	});
});

it('records whose content a power cut took are made again by the next run', async () => {
	const records = readdirSync(at('layers')).filter(name => name.endsWith('.json'));
	expect(records.length).toBeGreaterThan(1);
	for (const name of records) truncateSync(at(`layers/${name}`), 0);
	for (const name of readdirSync(at('resolved'))) truncateSync(at(`resolved/${name}`), 0);
	expect(await tsrun('run', '--rm', 'app')).toMatchObject({ exitCode: 0, stderr: '' });
	expect((await check(sandbox)).findings).toEqual([]);
});
