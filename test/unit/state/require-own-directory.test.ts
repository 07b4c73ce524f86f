import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireOwnDirectory } from '../../../src/state/require-own-directory.ts';

const uid = process.geteuid?.() ?? 0;
let parent = '';
let path = '';

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), 'tsrun-own-'));
	path = join(parent, 'state');
	mkdirSync(path);
	chmodSync(path, 0o700);
});
afterEach(() => rmSync(parent, { recursive: true }));

describe('a state directory', () => {
	it('of this user, in a directory of this user, is safe; also directly in /tmp', () => {
		expect(() => requireOwnDirectory(path, uid)).not.toThrow();
		expect(() => requireOwnDirectory(parent, uid)).not.toThrow();
	});

	it.each([0o777, 0o770, 0o702, 0o1777])('in which others may write is not (mode %o)', mode => {
		chmodSync(path, mode);
		expect(() => requireOwnDirectory(path, uid)).toThrow(/others may write in .*state/);
	});

	it('whose parent lets others exchange it is not', () => {
		chmodSync(parent, 0o777);
		expect(() => requireOwnDirectory(path, uid)).toThrow(/others may write in .*tsrun-own/);
		chmodSync(parent, 0o1777);
		expect(() => requireOwnDirectory(path, uid)).not.toThrow();
	});

	it('of root serves everybody, one of another user nobody', () => {
		const owners = [path, '/'].map(each => statSync(each).uid);
		for (const [index, each] of [path, '/'].entries()) {
			const check = () => requireOwnDirectory(each, 4_000_000);
			if (owners[index] === 0) expect(check).not.toThrow();
			else expect(check).toThrow(`belongs to user ${owners[index]}`);
		}
	});
});
