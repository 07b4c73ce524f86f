import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../../src/runtime/oci/load-bundle.ts';

let bundle = '';

beforeEach(() => {
	bundle = mkdtempSync(join(tmpdir(), 'tsrun-test-'));
	mkdirSync(join(bundle, 'rootfs'));
});
afterEach(() => rmSync(bundle, { recursive: true }));

function load(path: string, mounts: readonly object[] = []) {
	const linux = { namespaces: [{ type: 'mount' }] };
	const process = { cwd: '/', args: ['sh'], user: { uid: 0, gid: 0 } };
	writeFileSync(
		join(bundle, 'config.json'),
		JSON.stringify({ ociVersion: '1.3.0', process, root: { path }, mounts, linux }),
	);
	return loadBundle(bundle);
}

describe('the root of a bundle', () => {
	it('counts from the bundle', () => {
		expect(load('rootfs').rootfs).toBe(join(bundle, 'rootfs'));
		expect(load('./x/../rootfs/').rootfs).toBe(join(bundle, 'rootfs'));
		expect(load(join(bundle, 'rootfs')).rootfs).toBe(join(bundle, 'rootfs'));
	});

	it('may be a link to a directory', () => {
		symlinkSync('rootfs', join(bundle, 'link'));
		expect(load('link').rootfs).toBe(join(bundle, 'rootfs'));
	});

	it('is named as it is written where it is not there', () => {
		expect(load('gone').rootfs).toBe(join(bundle, 'gone'));
	});

	it('is never that of the host', () => {
		symlinkSync('/', join(bundle, 'slash'));
		for (const path of ['/', '../../../../../..', 'slash']) {
			expect(() => load(path)).toThrow(
				expect.objectContaining({
					code: 'TSRUN_BAD_CONFIG',
					message: `config.json /root/path: ${path} is the root of the host itself`,
				}),
			);
		}
	});
});

it('makes relative bind sources count from the bundle, and leaves others alone', () => {
	const mounts = [
		{ destination: '/a', source: 'data', options: ['bind'] },
		{ destination: '/b', source: '.', type: 'bind' },
		{ destination: '/c', source: 'data', type: 'tmpfs' },
	];
	expect(load('rootfs', mounts).spec.mounts?.map(({ source }) => source)).toEqual([
		join(bundle, 'data'),
		bundle,
		'data',
	]);
});
