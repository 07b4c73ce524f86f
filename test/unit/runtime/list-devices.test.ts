import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listDevices } from '../../../src/runtime/list-devices.ts';
import { DEFAULT_RUN_OPTIONS } from '../../../src/spec/run-options.ts';

let root = '';
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-devices-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function list(sources: readonly string[], privileged = false): readonly string[] {
	const devices = sources.map(source => ({ source, destination: source, access: 'rwm' }));
	return listDevices({ ...DEFAULT_RUN_OPTIONS, privileged, devices });
}

describe('listDevices', () => {
	it('is empty where no flag asks', () => {
		expect(list([])).toEqual([]);
	});

	it('names a device itself, also one that is not there: that is for the specification to refuse', () => {
		expect(list(['/dev/null', join(root, 'missing')])).toEqual(['/dev/null', join(root, 'missing')]);
	});

	it('names what is below a directory, but no links, which may lead out of it', () => {
		mkdirSync(join(root, 'snd', 'by-id'), { recursive: true });
		for (const name of ['snd/seq', 'snd/by-id/card']) writeFileSync(join(root, name), '');
		symlinkSync('/etc', join(root, 'snd', 'link'));
		expect([...list([join(root, 'snd')])].sort()).toEqual(
			['snd', 'snd/by-id/card', 'snd/seq'].map(name => join(root, name)),
		);
	});

	it('minds no path that goes through a file', () => {
		writeFileSync(join(root, 'file'), '');
		expect(list([join(root, 'file', 'below')])).toEqual([join(root, 'file', 'below')]);
	});

	it('names all of /dev for a privileged container, once each, and no terminals of other sessions', () => {
		const all = list(['/dev/null'], true);
		expect(all).toContain('/dev/null');
		expect(new Set(all).size).toBe(all.length);
		expect(all.filter(path => /^\/dev\/(pts|shm|fd|mqueue|hugepages)\//.test(path))).toEqual([]);
	});
});
