import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseDigest } from '../../../src/core/brands.ts';
import { blobPath, openStore } from '../../../src/store/open-store.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-store-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('is an image layout, closed to other users whatever the umask (CVE-2021-41103)', () => {
	const store = openStore(join(dir, 'a/b'));
	expect(JSON.parse(readFileSync(join(store.images, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
	expect(JSON.parse(readFileSync(join(store.images, 'index.json'), 'utf8'))).toEqual({
		schemaVersion: 2,
		manifests: [],
	});
	const directories = readdirSync(store.root, { recursive: true, withFileTypes: true }).filter(entry =>
		entry.isDirectory(),
	);
	expect(directories.length).toBeGreaterThan(6);
	for (const { parentPath, name } of directories)
		expect(statSync(join(parentPath, name)).mode & 0o777, name).toBe(0o700);
	expect(openStore(store.root)).toEqual(store);
});

it('puts a blob where skopeo looks for it', () => {
	const store = openStore(join(dir, 'blob'));
	expect(blobPath(store, parseDigest(`sha256:${'a'.repeat(64)}`))).toBe(
		`${store.images}/blobs/sha256/${'a'.repeat(64)}`,
	);
});

it('cannot be made below a file', () => {
	writeFileSync(join(dir, 'file'), '');
	expect(() => openStore(join(dir, 'file/store'))).toThrow(expect.objectContaining({ code: 'TSRUN_STORE' }));
});
