import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readKernelMounts } from '../../../src/host/read-kernel-mounts.ts';

it('finds what findmnt finds', () => {
	const lines = execFileSync(
		'findmnt',
		['--noheadings', '--list', '--output', 'TARGET,FSROOT', '--types', 'proc,sysfs'],
		{ encoding: 'utf8' },
	);
	const whole = lines
		.split('\n')
		.filter(line => / \/\s*$/.test(line))
		.map(line => line.split(' ')[0]);
	expect(readKernelMounts()).toContain('/proc');
	expect([...readKernelMounts()].sort()).toEqual(whole.sort());
});
