import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellComment, shellWord, shellWords } from '../../../../src/explain/shell/shell-word.ts';

const HOSTILE: readonly string[] = [
	'',
	'-n',
	'$(touch /tmp/x)',
	'`id`',
	"it's",
	"'; exit 9; '",
	'"double" \\ back',
	'two words',
	'tab\tnew\nline\r',
	'\n',
	"\n'$(id)'\\",
	'\u0007\u001b[31m\u007f',
	'\u0085\u202eright to left\u2028',
	'\u00016', // an octal escape before a digit
	'é 日本 😀',
	'*?[a]{b,c}~!#&|<>()',
	'A=B',
	'~/x',
	'#comment',
	'x'.repeat(5000),
];

describe('shellWord', () => {
	it('stands for exactly its text in bash, whatever the locale', () => {
		const script = `printf '%s\\0' ${shellWords(HOSTILE)}`;
		for (const LC_ALL of ['C', 'C.UTF-8']) {
			const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: { LC_ALL } });
			expect(stderr).toBe('');
			expect(stdout.split('\0').slice(0, -1)).toEqual(HOSTILE);
		}
	});

	it('is one line of characters that a terminal shows', () => {
		for (const text of HOSTILE) expect(shellWord(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
	});

	it('leaves plain names as they are', () => {
		const plain = ['/sys/fs/cgroup/memory.max', 'ro,nosuid', '0755', 'a@b:c%d+e', '-o'];
		expect(plain.map(shellWord)).toEqual(plain);
	});

	it('quotes what would be an assignment or a home directory', () => {
		expect(['=x', '~', 'A=$B'].map(shellWord)).toEqual(["'=x'", "'~'", "'A=$B'"]);
	});

	it('refuses a NUL, which no argument can hold', () => {
		expect(() => shellWord('a\0b')).toThrow('a shell script cannot hold "a\\u0000b": it has a NUL');
	});
});

describe('shellComment', () => {
	it('is one comment, whatever the text holds', () => {
		const script = HOSTILE.map(shellComment).join('\n');
		expect(script.split('\n')).toHaveLength(HOSTILE.length);
		const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
		expect([stdout, stderr, status]).toEqual(['', '', 0]);
	});
});
