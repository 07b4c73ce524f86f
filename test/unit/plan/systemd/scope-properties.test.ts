import { describe, expect, it } from 'vitest';
import { type ScopeRequest, scopeProperties } from '../../../../src/plan/systemd/scope-properties.ts';

const REQUEST: ScopeRequest = {
	id: 'web',
	slice: 'a-b.slice',
	pid: 42,
	isLegacy: false,
	version: 252,
	limits: [['TasksMax', { signature: 't', value: 5n }]],
	asked: [],
};
const values = (request: ScopeRequest) => scopeProperties(request).map(([name, { value }]) => [name, value]);

describe('scopeProperties', () => {
	it('are those of runc, and the unit is forgotten when it has failed', () => {
		expect(values(REQUEST)).toEqual([
			['Description', 'libcontainer container web'],
			['Slice', 'a-b.slice'],
			['Delegate', true],
			['PIDs', [42]],
			['MemoryAccounting', true],
			['CPUAccounting', true],
			['IOAccounting', true],
			['TasksAccounting', true],
			['DefaultDependencies', false],
			['CollectMode', 'inactive-or-failed'],
			['TasksMax', 5n],
		]);
	});

	it('have what annotations ask for in the place of their own', () => {
		const asked = [['CollectMode', { signature: 's', value: 'inactive' }]] as const;
		expect(values({ ...REQUEST, asked }).filter(([name]) => name === 'CollectMode')).toEqual([
			['CollectMode', 'inactive'],
		]);
	});

	it('count block I/O by the name of cgroup v1, and leave out what is too new', () => {
		const names = values({ ...REQUEST, isLegacy: true, version: 219 }).map(([name]) => name);
		expect(names).toContain('BlockIOAccounting');
		expect(names).not.toContain('IOAccounting');
		expect(names).not.toContain('CollectMode');
	});
});
