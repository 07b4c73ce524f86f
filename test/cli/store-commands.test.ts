import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees, readTree } from '../kernel/support/compare-trees.ts';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { createCli } from './support.ts';

const { sandbox, tsrun, output, refusal } = createCli();
afterAll(() => sandbox.remove());
const at = (name: string): string => join(sandbox.dir, name);
const sh = (script: string): string => execFileSync('sh', ['-c', script], { encoding: 'utf8', cwd: sandbox.dir });
let app = '';

beforeAll(async () => {
	app = await witnessImage(at('app'), {
		busybox: true,
		config: { Entrypoint: null, Cmd: ['sh'], Env: ['A=1'], Labels: { kind: 'test' } },
		layers: [
			[
				{ name: 'data/', mode: 0o750, uid: 3 },
				{ name: 'data/file', data: 'content' },
				{ name: 'data/hard', type: 'link', linkname: 'data/file' },
				{ name: 'data/old/', mode: 0o755 },
				{ name: 'data/old/one', data: '1' },
				{ name: 'data/old/two', data: '2' },
			],
		],
	});
	await output(['load', '-t', 'app', app]);
	await output([
		'run',
		'--name',
		'worker',
		'-v',
		'/volume',
		'app',
		'sh',
		'-c',
		'echo new >/data/new; rm /data/file; rm -r /data/old; mkdir /data/old; echo 3 >/data/old/three; chmod 700 /tmp; ln -s x /data/sym; mkdir -p "/a/b c"; echo x >/volume/x; touch /bin/busybox; ln /data/new /data/also',
	]);
});

describe('tag', () => {
	it('gives a further name, which moves away from another image', async () => {
		expect(await output(['tag', 'app', 'example.com/other:1'])).toBe('');
		expect(await output(['images', '--format', '{{.Repository}}:{{.Tag}}', '*/other'])).toBe('example.com/other:1\n');
		expect(await output(['rmi', 'example.com/other:1'])).toBe('Untagged: example.com/other:1\n');
	});

	it.each([
		[['tag', 'nosuch', 'x'], /no image "nosuch"/],
		[['tag', 'app', `x@sha256:${'a'.repeat(64)}`], /is not a name with a tag/],
		[['tag', 'app', 'oci:/x'], /is not a name with a tag/],
		[['tag', 'app', 'UPPER'], /"UPPER"/],
	])('refuses %j', async (words, message) => {
		expect(await refusal(words)).toEqual([expect.stringMatching(message), 125]);
	});
});

describe('inspect', () => {
	it('has the shape of docker', async () => {
		const [image, ...rest] = JSON.parse(await output(['image', 'inspect', 'app'])) as Record<string, never>[];
		expect(rest).toEqual([]);
		expect(image).toMatchObject({
			Id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
			RepoTags: ['app:latest'],
			RepoDigests: [expect.stringMatching(/^app@sha256:/)],
			Config: { Cmd: ['sh'], Env: ['A=1'], Labels: { kind: 'test' }, Volumes: null, User: '' },
			Os: 'linux',
			RootFS: { Type: 'layers', Layers: [expect.any(String), expect.any(String)] },
			GraphDriver: { Name: 'overlay2', Data: { LowerDir: expect.stringContaining(sandbox.root) } },
		});
	});

	it('takes a template, and goes on after one that is not there', async () => {
		expect(await output(['inspect', '-f', '{{json .Config.Env}} {{index .Config.Labels "kind"}}', 'app'])).toBe(
			'["A=1"] test\n',
		);
		const { stdout, stderr, exitCode } = await tsrun(['inspect', '--format', '{{.Os}}', 'nosuch', 'app']);
		expect([stdout, exitCode]).toEqual(['linux\n', 1]);
		expect(stderr).toMatch(/no such object: nosuch/);
	});
});

describe('history', () => {
	it('has the last step first, and says what each takes', async () => {
		const rows = (await output(['history', '--format', '{{.ID}}|{{.CreatedBy}}', 'app'])).trimEnd().split('\n');
		expect(rows).toEqual([expect.stringMatching(/^[0-9a-f]{12}\|layer 2$/), '<missing>|layer 1']);
		expect(await output(['history', 'app'])).toMatch(/^IMAGE +CREATED +CREATED BY +SIZE +COMMENT\n/);
		const exact = await output(['history', '--human=false', '--format', '{{.Size}} {{.CreatedSince}}', 'app']);
		expect(exact).toMatch(/^\d+ 2024-01-01T00:00:00.000Z\n/);
	});
});

describe('diff', () => {
	it('names what was added, changed and deleted, and no place of a mount', async () => {
		expect((await output(['diff', 'worker'])).trimEnd().split('\n')).toEqual([
			'A /a',
			'A /a/b c',
			'C /bin',
			'C /bin/busybox',
			'C /data',
			'A /data/also',
			'D /data/file',
			'A /data/new',
			'C /data/old',
			'D /data/old/one',
			'A /data/old/three',
			'D /data/old/two',
			'A /data/sym',
			'C /tmp',
		]);
	});

	it('of an unknown container is an error', async () => {
		expect(await refusal(['diff', 'nosuch'])).toEqual([expect.stringMatching(/no such container: nosuch/), 125]);
	});
});

describe('commit', () => {
	it('makes an image that has what the container had, and its changes in one layer', async () => {
		const id = await output([
			'commit',
			'-a',
			'Ada',
			'-m',
			'why',
			'-c',
			'CMD ["sh", "-c", "cat /data/new"]',
			'-c',
			'ENV B=2',
			'worker',
			'made:1',
		]);
		expect(id).toMatch(/^sha256:[0-9a-f]{64}\n$/);
		expect(await output(['run', '--rm', 'made:1'])).toBe('new\n');
		const inside = await output([
			'run',
			'--rm',
			'made:1',
			'sh',
			'-c',
			'cd /data; ls -A; ls old; stat -c %h new; stat -c %a /tmp; echo $A$B',
		]);
		expect(inside.split('\n')).toEqual(['also', 'hard', 'new', 'old', 'sym', 'three', '2', '700', '12', '']);
		const [step] = (await output(['history', '--format', '{{.CreatedBy}}|{{.Comment}}', 'made:1'])).split('\n');
		expect(step).toBe('tsrun commit|why');
		expect(await output(['inspect', '-f', '{{.Author}}', 'made:1'])).toBe('Ada\n');
		await output(['rmi', 'made:1']);
	});

	it('of a container with a user namespace has the owners that it saw, and names only what it changed', async () => {
		const script = 'echo new >/data/new; chown 5:6 /data/new; chmod 700 /tmp; touch -r /data/file /data/file';
		await output(['run', '--name', 'mapped', '--userns', 'private:100000:65536', 'app', 'sh', '-c', script]);
		expect((await output(['diff', 'mapped'])).trimEnd().split('\n')).toEqual(['C /data', 'A /data/new', 'C /tmp']);
		await output(['export', '-o', at('mapped.tar'), 'mapped']);
		const members = sh('tar -tvf mapped.tar --numeric-owner data tmp');
		const owners = [...members.matchAll(/^\S+ (\d+\/\d+) .* (\S+)$/gm)].map(([, owner, path]) => `${path} ${owner}`);
		expect(owners).toEqual(expect.arrayContaining(['data/ 3/0', 'data/new 5/6', 'data/file 0/0', 'tmp/ 0/0']));
		await output(['commit', 'mapped', 'of-mapped']);
		const seen = await output([
			'run',
			'--rm',
			'of-mapped',
			'busybox',
			'stat',
			'-c',
			'%n %u:%g %a',
			'/data',
			'/data/new',
			'/tmp',
		]);
		expect(seen.trimEnd().split('\n')).toEqual(['/data 3:0 750', '/data/new 5:6 644', '/tmp 0:0 700']);
		await output(['rmi', 'of-mapped']);
		await output(['rm', 'mapped']);
	});

	it('of a running container lets it stand still and go on', async () => {
		const running = execa(TSRUN, ['run', '--rm', '--name', 'busy', 'app', 'sh', '-c', 'touch /up; sleep 12'], {
			env: { ...sandbox.env },
		});
		await expect.poll(async () => (await tsrun(['diff', 'busy'])).stdout, { timeout: 10_000 }).toContain('A /up');
		expect(await output(['commit', 'busy', 'snapshot'])).toMatch(/^sha256:/);
		expect((await refusal(['rmi', '-f', 'app']))[0]).toMatch(/image app is used by running container busy/);
		expect((await running).exitCode).toBe(0);
		expect(await output(['run', '--rm', 'snapshot', 'sh', '-c', 'ls /up'])).toBe('/up\n');
		await output(['rmi', 'snapshot']);
	});

	it.each([
		[['commit', 'nosuch', 'x'], /no such container/],
		[['commit', 'worker', 'UPPER'], /"UPPER"/],
		[['commit', '-c', 'RUN x', 'worker', 'x'], /--change "RUN x" is none of CMD/],
	])('refuses %j, and leaves nothing', async (words, message) => {
		expect(await refusal(words)).toEqual([expect.stringMatching(message), 125]);
		await output(['image', 'prune', '-f']);
		expect(await output(['images', '-q'])).toMatch(/^[0-9a-f]{12}\n$/);
	});
});

describe('export', () => {
	it('is the file system of the container, as it would see it', async () => {
		await output(['export', '-o', at('root.tar'), 'worker']);
		mkdirSync(at('exported'));
		sh('tar -xpf root.tar -C exported --numeric-owner --xattrs --xattrs-include="*"');
		expect(readFileSync(at('exported/data/new'), 'utf8')).toBe('new\n');
		expect(existsSync(at('exported/data/file'))).toBe(false);
		expect(readdirSync(at('exported/data/old'))).toEqual(['three']);
		expect(statSync(at('exported/data'))).toMatchObject({ uid: 3 });
		expect(statSync(at('exported/data/new')).ino).toBe(statSync(at('exported/data/also')).ino);
		expect(readdirSync(at('exported/volume'))).toEqual([]);
	});

	it('and import of it are the same tree', async () => {
		const id = (
			await execa(TSRUN, ['import', '-c', 'CMD ["sh"]', '-m', 'again', '-', 'again:1'], {
				inputFile: at('root.tar'),
				env: { ...sandbox.env },
			})
		).stdout;
		expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
		const place = mkdtempSync(join(sandbox.dir, 'mount-'));
		await execa(
			'unshare',
			['-m', 'sh', '-c', `"${TSRUN}" image mount again:1 ${place} && cp -a ${place} ${at('copy')}`],
			{ env: { ...sandbox.env } },
		);
		expect(compareTrees(readTree(at('exported')), readTree(at('copy')), { anyMtime: ['.'] })).toEqual([]);
		await output(['rmi', 'again:1']);
	});

	it('goes to standard output, and not to a terminal', async () => {
		const { stdout } = await execa(TSRUN, ['export', 'worker'], { encoding: 'buffer', env: { ...sandbox.env } });
		expect(Buffer.from(stdout).equals(readFileSync(at('root.tar')))).toBe(true);
		const shown = sh(
			`TSRUN_ROOT=${sandbox.root} TSRUN_STATE=${sandbox.state} script -qec "${TSRUN} export worker" /dev/null </dev/null || true`,
		);
		expect(shown).toMatch(/an archive is not written to a terminal/);
	});
});

describe('import', () => {
	it.each([
		['a file that is not there', ['import', '/no/such'], /archive \/no\/such cannot be opened/],
		['an address', ['import', 'https://example.com/x.tar'], /nothing is downloaded\n {2}hint: curl/],
		['what is no archive', ['import', '$/app/index.json'], /^tsrun: layer sha256:\w+ .*\n/],
	])('refuses %s, and leaves no image', async (_, words, message) => {
		const [stderr, exitCode] = await refusal(words.map(word => word.replace('$', sandbox.dir)));
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(125);
		expect(await output(['images', '-q'])).toMatch(/^[0-9a-f]{12}\n$/);
	});
});

describe('save', () => {
	beforeAll(async () => {
		await output(['commit', 'worker', 'made:1']);
		await output(['save', '-o', at('both.tar'), 'app', 'made:1']);
	});

	it('writes one archive for docker and OCI alike, the same each time, and load reads all of it', async () => {
		const { stdout } = await execa(TSRUN, ['save', 'app', 'made:1'], { encoding: 'buffer', env: { ...sandbox.env } });
		expect(Buffer.from(stdout).equals(readFileSync(at('both.tar')))).toBe(true);
		const other = { TSRUN_ROOT: at('other'), TSRUN_STATE: at('other-state') };
		const loaded = await execa(TSRUN, ['load'], { inputFile: at('both.tar'), env: other });
		expect(loaded.stdout).toBe('Loaded image: app:latest\nLoaded image: made:1');
		const ids = async (env: Readonly<Record<string, string>>) =>
			(await execa(TSRUN, ['images', '--digests', '--format', '{{.ID}} {{.Digest}} {{.Tag}}'], { env: { ...env } }))
				.stdout;
		expect(await ids(other)).toBe(await ids(sandbox.env));
	});

	it('skopeo reads each of them', async () => {
		const inspect = (text: string): { readonly Layers: readonly string[] } =>
			JSON.parse(sh(`skopeo inspect ${text}`)) as { Layers: string[] };
		expect(inspect('docker-archive:both.tar:app:latest').Layers).toHaveLength(2);
		expect(inspect('docker-archive:both.tar:made:1').Layers).toHaveLength(3);
		await output(['save', '--format', 'oci-archive', '-o', at('oci.tar'), 'made:1']);
		expect(inspect('oci-archive:oci.tar').Layers).toHaveLength(3);
		expect(sh('tar -tf oci.tar')).not.toMatch(/manifest\.json/);
		await output(['save', '--format', 'oci-dir', '-o', at('layout'), 'made:1']);
		expect(inspect('oci:layout').Layers).toHaveLength(3);
		expect(sh('umoci unpack --image layout:1 bundle >/dev/null 2>&1; cat bundle/rootfs/data/new')).toBe('new\n');
	});

	it('podman loads it and runs it the same', async () => {
		const podman = `podman --root ${at('podman')} --runroot ${at('podman-run')} --storage-driver vfs`;
		expect(sh(`${podman} load -q -i both.tar`)).toMatch(/localhost\/made:1|docker.io\/library\/made:1/);
		const id = await output(['inspect', '-f', '{{.Id}}', 'made:1']);
		expect(sh(`${podman} images --no-trunc --format '{{.ID}}'`)).toContain(id.trim());
		sh(`${podman} rmi -af >/dev/null`);
	});

	it.each([
		[['save', 'nosuch', '-o', '$/x.tar'], /no image "nosuch"/],
		[['save', 'app', '-o', '/no/such/dir/x.tar'], /cannot write \/no\/such\/dir\/x.tar: no such file/],
		[['save', '--format', 'oci-dir', 'app'], /wants --output DIR/],
	])('refuses %j, and leaves no file', async (words, message) => {
		expect(await refusal(words.map(word => word.replace('$', sandbox.dir)))).toEqual([
			expect.stringMatching(message),
			125,
		]);
		expect(readdirSync(sandbox.dir).filter(name => name.startsWith('x.tar'))).toEqual([]);
	});
});

describe('image mount', () => {
	it('shows the image, read-only, keeps it from removal, and leaves nothing', async () => {
		const place = at('shown');
		mkdirSync(place);
		const script = `
			"$0" image mount app "$1"
			cat "$1/data/file"; echo; stat -c %a "$1/data"
			touch "$1/x" || echo read-only
			"$0" rmi -f app || echo kept
			"$0" image prune -af
			"$0" image unmount "$1" && ls -A "$1"
			"$0" image unmount "$1" || echo gone`;
		const { stdout, stderr } = await execa('unshare', ['-m', 'sh', '-c', script, TSRUN, place], {
			env: { ...sandbox.env },
		});
		expect(stdout.split('\n').filter(line => !/^(untagged|deleted|Deleted Images|Total|$)/.test(line))).toEqual([
			place,
			'content',
			'750',
			'read-only',
			'kept',
			'gone',
		]);
		expect(stderr).toMatch(/image app is used by the mount at .*shown\n/);
		expect(stderr).toMatch(/no image is mounted at .*shown\n {2}hint: nothing is/);
		expect(readdirSync(join(sandbox.root, 'mounts'))).toEqual([]);
		expect(await output(['run', '--rm', 'app', 'sh', '-c', 'cat /data/file'])).toBe('content');
	});

	it.each([
		[['image', 'mount', 'nosuch', '/mnt'], /no image "nosuch"|nosuch/],
		[['image', 'mount', 'app', '/no/such'], /cannot mount image app at \/no\/such: no such file or directory/],
		[['image', 'unmount', '/'], /no image is mounted at \/\n {2}hint: another file system is/],
	])('refuses %j', async (words, message) => {
		expect(await refusal(words)).toEqual([expect.stringMatching(message), 125]);
	});
});
