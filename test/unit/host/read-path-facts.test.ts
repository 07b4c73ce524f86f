import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceNumbers, readDevices, readPathKinds } from '../../../src/host/read-path-facts.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-paths-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('readPathKinds', () => {
	it('tells directories, files and nothing, through symbolic links', () => {
		const at = (name: string): string => join(root, name);
		writeFileSync(at('file'), '');
		symlinkSync('file', at('link'));
		symlinkSync('.', at('here'));
		symlinkSync('loop', at('loop'));
		symlinkSync('gone', at('dangling'));
		const paths = [root, at('file'), at('link'), at('here'), at('loop'), at('dangling'), at('file/below'), '/dev/null'];
		expect(Object.values(readPathKinds(paths))).toEqual([
			'directory',
			'file',
			'file',
			'directory',
			'missing',
			'missing',
			'missing',
			'file',
		]);
	});
});

describe('readDevices', () => {
	it('reads the nodes and leaves other files out', () => {
		const facts = readDevices(['/dev/null', root, '/dev/no-such-device']);
		expect(Object.keys(facts)).toEqual(['/dev/null']);
		expect(facts['/dev/null']).toMatchObject({ type: 'c', major: 1, minor: 3, uid: 0, gid: 0 });
	});
});

describe('deviceNumbers', () => {
	it.each([
		[0x0103, 1, 3],
		[0xfe01, 254, 1],
		[0x100800, 8, 256],
	])('takes %i apart', (rdev, major, minor) => {
		expect(deviceNumbers(rdev)).toEqual({ major, minor });
	});
});
