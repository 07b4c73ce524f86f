import { describe, expect, it } from 'vitest';
import { execPaths } from '../../../src/plan/exec-paths.ts';

describe('execPaths', () => {
	it('tries a command with a slash as it stands, whatever PATH says', () => {
		expect(execPaths('/bin/sh', ['PATH=/elsewhere'])).toEqual(['/bin/sh']);
		expect(execPaths('./run', ['PATH=/elsewhere'])).toEqual(['./run']);
		expect(execPaths('bin/run', [])).toEqual(['bin/run']);
	});

	it('tries each directory of PATH in order', () => {
		expect(execPaths('sh', ['HOME=/', 'PATH=/a:/b/c'])).toEqual(['/a/sh', '/b/c/sh']);
	});

	it('takes an empty directory in PATH for the working directory, as execvp(3) does', () => {
		expect(execPaths('sh', ['PATH=:/a:'])).toEqual(['./sh', '/a/sh', './sh']);
	});

	it('takes the first PATH where there are two, as getenv(3), and no other variable for it', () => {
		expect(execPaths('sh', ['PATH=/first', 'XPATH=/x', 'PATH=/last', 'PATHS=/y'])).toEqual(['/first/sh']);
	});

	it('has the usual directories where the environment has no PATH', () => {
		expect(execPaths('sh', ['HOME=/root'])).toEqual([
			'/usr/local/sbin/sh',
			'/usr/local/bin/sh',
			'/usr/sbin/sh',
			'/usr/bin/sh',
			'/sbin/sh',
			'/bin/sh',
		]);
	});

	it('finds nothing for an empty command', () => {
		expect(execPaths('', ['PATH=/bin'])).toEqual([]);
	});
});
