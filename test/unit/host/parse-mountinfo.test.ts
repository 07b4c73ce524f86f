import { describe, expect, it } from 'vitest';
import { parseMountinfo } from '../../../src/host/parse-mountinfo.ts';
import { HYBRID, UNIFIED } from './layouts.ts';

describe('parseMountinfo', () => {
	it('reads the fields around any number of optional ones', () => {
		const entries = parseMountinfo(UNIFIED.mountinfo);
		expect(entries).toHaveLength(5);
		expect(entries[3]).toEqual({
			id: 31,
			parent: 22,
			root: '/',
			mountpoint: '/sys/fs/cgroup',
			options: ['rw', 'nosuid', 'nodev', 'noexec', 'relatime'],
			type: 'cgroup2',
			source: 'cgroup2',
			superOptions: ['rw', 'nsdelegate', 'memory_recursiveprot'],
		});
		expect(entries.map(entry => entry.type)).toEqual(['sysfs', 'proc', 'ext4', 'cgroup2', 'tmpfs']);
	});

	it('undoes the octal escapes of names, each once', () => {
		const entry = parseMountinfo(UNIFIED.mountinfo)[4];
		expect(entry?.mountpoint).toBe('/mnt/with space');
		expect(entry?.source).toBe('tmp\\fs');
		const [twice] = parseMountinfo('1 0 0:1 /a\\134040b /x\\011\\012\\043 rw - tmpfs none rw\n');
		expect(twice?.root).toBe('/a\\040b');
		expect(twice?.mountpoint).toBe('/x\t\n#');
	});

	it('reads an empty source as empty', () => {
		const [entry] = parseMountinfo('41 31 0:38 / /x rw,relatime shared:1 - cgroup2  rw,nsdelegate\n');
		expect(entry).toMatchObject({ type: 'cgroup2', source: '', superOptions: ['rw', 'nsdelegate'] });
	});

	it('takes a mount point named - for what it is', () => {
		const [entry] = parseMountinfo('41 31 0:38 - - rw - tmpfs - rw\n');
		expect(entry).toMatchObject({ root: '-', mountpoint: '-', type: 'tmpfs', source: '-' });
	});

	it('leaves out lines of another form', () => {
		expect(parseMountinfo('')).toEqual([]);
		expect(parseMountinfo('1 2 3\n\nnothing here - at all\n')).toEqual([]);
	});

	it('takes time in proportion to the length', () => {
		// The fastest of several: of a busy machine the others tell more than of the parser.
		const time = (copies: number): number => {
			const text = HYBRID.mountinfo.repeat(copies);
			const times = Array.from({ length: 7 }, () => {
				const begin = performance.now();
				parseMountinfo(text);
				return performance.now() - begin;
			});
			return Math.min(...times);
		};
		time(50);
		const [small, large] = [time(50), time(800)];
		expect(large).toBeLessThan(Math.max(small, 1) * 16 * 8);
	});
});
