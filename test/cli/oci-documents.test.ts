import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCli } from './support.ts';

const { sandbox, output, refusal } = createCli();
afterAll(() => sandbox.remove());

function newBundle(name: string): string {
	const bundle = join(sandbox.dir, name);
	mkdirSync(bundle);
	return bundle;
}

const withoutVersion = (text: string): string => text.replace(/"ociVersion": "[^"]*"/, '');

describe('spec', () => {
	it('writes the file that runc writes, but for the version of the specification', async () => {
		const [ours, theirs] = [newBundle('ours'), newBundle('theirs')];
		expect(await output(['spec', '--bundle', ours])).toBe('');
		execFileSync('runc', ['spec', '--bundle', theirs]);
		const theirText = readFileSync(join(theirs, 'config.json'), 'utf8');
		const ourConfig = JSON.parse(readFileSync(join(ours, 'config.json'), 'utf8'));
		// runc 1.1 fills the ambient set too, as later ones do not
		const theirConfig = JSON.parse(theirText);
		expect(ourConfig).toEqual({
			...theirConfig,
			ociVersion: '1.3.0',
			process: { ...theirConfig.process, capabilities: ourConfig.process.capabilities },
		});
		for (const set of ['bounding', 'effective', 'permitted']) {
			expect(ourConfig.process.capabilities[set]).toEqual(theirConfig.process.capabilities[set]);
		}
		expect(withoutVersion(readFileSync(join(ours, 'config.json'), 'utf8')).split('\n')[3]).toBe(
			'\t\t"terminal": true,',
		);
	});

	it('replaces no file', async () => {
		const bundle = newBundle('twice');
		await output(['spec', '-b', bundle]);
		expect(await refusal(['spec', '-b', bundle])).toEqual([
			`tsrun: ${bundle}/config.json exists already\n  hint: remove it first\n`,
			1,
		]);
	});

	it('--rootless maps the user who asks', async () => {
		const bundle = newBundle('rootless');
		await output(['spec', '--rootless', '-b', bundle]);
		const { linux } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
		expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: process.getuid?.(), size: 1 }]);
	});
});

it('features prints one document with the keys of the specification', async () => {
	const features = JSON.parse(await output(['features']));
	expect(Object.keys(features)).toEqual([
		'ociVersionMin',
		'ociVersionMax',
		'hooks',
		'mountOptions',
		'linux',
		'annotations',
		'potentiallyUnsafeConfigAnnotations',
	]);
	expect(features.linux.namespaces).toContain('user');
});
