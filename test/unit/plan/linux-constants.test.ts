import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLONE, MOUNT_ATTR, MS, RLIMITS } from '../../../src/plan/linux-constants.ts';

const MOUNT_H = '/usr/include/linux/mount.h';
const SCHED_H = '/usr/include/linux/sched.h';
const RESOURCE_H = '/usr/include/asm-generic/resource.h';

/** The value of a `#define` of the kernel's own headers, which the C compiler needs anyway. */
function defined(header: string, name: string): number | undefined {
	if (!existsSync(header)) throw new Error(`${header} is missing: install the headers of the C library`);
	const match = new RegExp(`^#\\s*define\\s+${name}\\s+\\(?([0-9a-fxX]+)(?:\\s*<<\\s*([0-9]+))?\\)?`, 'm').exec(
		readFileSync(header, 'utf8'),
	);
	return match?.[1] === undefined ? undefined : Number(match[1]) * 2 ** Number(match[2] ?? 0);
}

function differences(table: Readonly<Record<string, number>>, header: string, prefix: string): readonly string[] {
	return Object.entries(table)
		.filter(([name, value]) => defined(header, `${prefix}${name}`) !== value)
		.map(([name, value]) => `${prefix}${name} ${value} ${defined(header, `${prefix}${name}`)}`);
}

describe('the numbers of the Linux ABI', () => {
	it('are those of linux/mount.h for mount(2)', () => {
		expect(differences(MS, MOUNT_H, 'MS_')).toEqual([]);
	});

	it('are those of linux/mount.h for mount_setattr(2)', () => {
		const { ATIME, ...named } = MOUNT_ATTR;
		expect(differences(named, MOUNT_H, 'MOUNT_ATTR_')).toEqual([]);
		expect(defined(MOUNT_H, 'MOUNT_ATTR__ATIME')).toBe(ATIME);
	});

	it('are those of linux/sched.h for clone(2)', () => {
		expect(differences(CLONE, SCHED_H, 'CLONE_')).toEqual([]);
	});

	it('are those of asm-generic/resource.h for setrlimit(2)', () => {
		expect(differences(RLIMITS, RESOURCE_H, '')).toEqual([]);
	});
});
