import { describe, expect, it } from 'vitest';
import { parseProcCgroup } from '../../../src/host/parse-proc-cgroup.ts';
import { LEGACY } from './layouts.ts';

describe('parseProcCgroup', () => {
	it('reads each hierarchy with its controllers and the path', () => {
		const memberships = parseProcCgroup(LEGACY.cgroup);
		expect(memberships).toHaveLength(9);
		expect(memberships[5]).toEqual({ hierarchy: 5, controllers: ['cpuacct', 'cpu'], path: '/user.slice' });
		expect(memberships[8]?.controllers).toEqual(['name=systemd']);
	});

	it('keeps the colons of a path, and reads cgroup2 as having no controllers', () => {
		expect(parseProcCgroup('0::/system.slice/a:b:c.scope\n')).toEqual([
			{ hierarchy: 0, controllers: [], path: '/system.slice/a:b:c.scope' },
		]);
	});

	it('leaves out lines of another form', () => {
		expect(parseProcCgroup('\n12\n3:memory\n')).toEqual([]);
	});
});
