import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionsOf, SHELL_FUNCTIONS } from '../../../../src/explain/shell/shell-functions.ts';

let root = '';
beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-below-'));
	mkdirSync(join(root, 'etc/deep'), { recursive: true });
	mkdirSync(join(root, 'new\n'));
	const links = {
		out: '/etc',
		up: '../../../../../etc',
		here: 'etc/deep',
		'etc/deep/back': '../..',
		loop: 'loop',
		gone: '/no/such',
		line: 'new\n',
	};
	for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
});
afterAll(() => rmSync(root, { recursive: true }));

function below(path: string): string {
	const script = `${SHELL_FUNCTIONS.fail}\n${SHELL_FUNCTIONS.below}\nset -Eeuo pipefail\nbelow "$1" "$2"\nprintf %s "$there"`;
	const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', root, path], { encoding: 'utf8' });
	return stderr === '' ? stdout.replace(root, '') : stderr.trim();
}

describe('below', () => {
	it.each([
		['/etc/passwd', '/etc/passwd'],
		['etc//./passwd/', '/etc/passwd'],
		['/../../etc', '/etc'],
		['/out/passwd', '/etc/passwd'],
		['/up/passwd', '/etc/passwd'],
		['/here/x', '/etc/deep/x'],
		['/here/back/out', '/etc'],
		['/gone/x', '/no/such/x'],
		['/line/x', '/new\n/x'],
		['/', ''],
	])('finds %j at %j', (path, place) => {
		expect(below(path)).toBe(place);
	});

	it('gives up on a circle', () => {
		expect(below('/loop/x')).toBe('tsrun: too many symbolic links: /loop/x');
	});
});

describe('change_mount', () => {
	it('stops the script where it cannot tell which mounts there are', () => {
		const script = `set -Eeuo pipefail\n${SHELL_FUNCTIONS.change_mount}\nchange_mount / ro\necho went on`;
		const { stdout, status } = spawnSync('/bin/bash', ['--norc', '-c', script], {
			encoding: 'utf8',
			env: { PATH: root },
		});
		expect(stdout).toBe('');
		expect(status).not.toBe(0);
	});
});

describe('functionsOf', () => {
	it('finds what is called, and what that calls, but not what a comment names', () => {
		expect(functionsOf('# mask turn\nread_only /proc/sys')).toEqual([
			'fail',
			'below',
			'inside',
			'change_mount',
			'read_only',
		]);
		expect(functionsOf('trap "stop $signal" "$signal"')).toEqual(['fail', 'find_init', 'stop']);
		expect(functionsOf('echo inside_out')).toEqual([]);
	});
});
