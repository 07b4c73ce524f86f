import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setxattr } from '../../../src/native/file-calls.ts';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { witnessImage } from '../support/witness-image.ts';

// What `load` takes out of a layer is put back by hand here, as an attacker or a damaged disk might: tsrun's mounts must not act on it.

const sandbox = createSandbox();
const tsrun = (...words: readonly string[]) => runTsrun(sandbox, words);
const [target, bait] = [join(sandbox.dir, 'target'), join(sandbox.dir, 'bait')];
let layers: readonly string[] = [];

beforeAll(async () => {
	const image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		config: { Entrypoint: null, Cmd: ['sh'] },
		layers: [
			[
				{ name: 'kept/', mode: 0o755 },
				{ name: 'kept/secret', data: 'secret' },
			],
			[
				{ name: 'led/', mode: 0o755 },
				{ name: 'led/own', data: 'own' },
				{ name: 'copied', data: '' },
			],
		],
	});
	expect(await tsrun('load', '-t', 'led', image)).toMatchObject({ exitCode: 0, stderr: '' });
	layers = readdirSync(join(sandbox.root, 'layers')).map(name => join(sandbox.root, 'layers', name));
	const top = layers.find(layer => !layer.endsWith('.json') && readdirSync(layer).includes('led')) ?? '';
	setxattr({ path: join(top, 'led'), name: 'trusted.overlay.redirect', value: '/kept' });
	setxattr({ path: join(top, 'copied'), name: 'trusted.overlay.redirect', value: '/kept/secret' });
	setxattr({ path: join(top, 'copied'), name: 'trusted.overlay.metacopy', value: '' });
	for (const path of [target, bait]) mkdirSync(path);
});
afterAll(() => sandbox.remove());

it('attributes that send overlayfs elsewhere are followed where a mount says so, which tests the test', () => {
	const top = layers.find(layer => !layer.endsWith('.json') && readdirSync(layer).includes('led')) ?? '';
	const below = layers.find(layer => !layer.endsWith('.json') && readdirSync(layer).includes('kept')) ?? '';
	const options = `lowerdir=${top}:${below},redirect_dir=follow,metacopy=on`;
	const script = `mount -t overlay -o "${options}" none "${bait}" && cat "${bait}/led/secret" "${bait}/copied"`;
	expect(execFileSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' })).toBe('secretsecret');
});

it.each([
	['/led/secret', []],
	['/copied', []],
	['/led/secret', ['--userns', 'private:100000:65536']],
	['/copied', ['--userns', 'private:100000:65536']],
])('a container does not find %s there, with %j', async (path, flags) => {
	const { stdout, exitCode } = await tsrun('run', '--rm', ...flags, 'led', 'busybox', 'cat', path);
	expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
});

it('a mounted image does not show it either', async () => {
	expect(await tsrun('image', 'mount', 'led', target)).toMatchObject({ exitCode: 0 });
	try {
		for (const path of ['led/secret', 'copied']) {
			expect(() => execFileSync('cat', [join(target, path)], { stdio: 'pipe' }), path).toThrow();
		}
		expect(readdirSync(join(target, 'kept'))).toEqual(['secret']);
	} finally {
		expect(await tsrun('image', 'unmount', target)).toMatchObject({ exitCode: 0 });
	}
});

it('a container makes no such attribute when it moves a directory of its image', async () => {
	const script = 'mv /kept /moved && cat /moved/secret';
	const { stdout, exitCode } = await tsrun('run', '--name', 'mover', 'led', 'busybox', 'sh', '-c', script);
	expect({ stdout, exitCode }).toEqual({ stdout: 'secret', exitCode: 0 });
	const { stdout: changes } = await tsrun('diff', 'mover');
	expect(changes.trimEnd().split('\n')).toEqual(['D /kept', 'A /moved', 'A /moved/secret']);
	await tsrun('rm', 'mover');
});
