import { describe, expect, it } from 'vitest';
import { allowsEverything, deviceRules } from '../../../../src/plan/cgroup/default-device-rules.ts';

describe('deviceRules', () => {
	it('denies everything but the default devices where nothing is said', () => {
		const rules = deviceRules(undefined);
		expect(rules[0]).toEqual({ allow: false });
		expect(rules).toHaveLength(12);
		expect(rules).toContainEqual({ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' });
		expect(deviceRules([])).toEqual(rules);
	});

	it('keeps the order of what is asked, and adds only what is missing since the last denial', () => {
		const nul = { allow: true, type: 'c', major: 1, minor: 3, access: 'mwr' } as const;
		const fuse = { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' } as const;
		const after = deviceRules([{ allow: false, access: 'rwm' }, nul, fuse]);
		expect(after.slice(0, 3)).toEqual([{ allow: false, access: 'rwm' }, nul, fuse]);
		expect(after).toHaveLength(13);
		expect(deviceRules([nul, { allow: false, access: 'rwm' }])).toHaveLength(13);
	});

	it('adds nothing to a container that may use every device', () => {
		const all = [
			{ allow: false, access: 'rwm' },
			{ allow: true, access: 'rwm' },
		];
		expect(deviceRules(all)).toBe(all);
	});
});

describe('allowsEverything', () => {
	it('is true only when the last word is', () => {
		expect(allowsEverything([{ allow: true }])).toBe(true);
		expect(allowsEverything([{ allow: true, type: 'a', major: -1, minor: -1, access: 'mrw' }])).toBe(true);
		expect(allowsEverything([{ allow: true }, { allow: false, type: 'c', major: 1, minor: 1 }])).toBe(false);
		expect(allowsEverything([{ allow: true, access: 'rm' }])).toBe(false);
		expect(allowsEverything([{ allow: true, type: 'c' }])).toBe(false);
		expect(allowsEverything([{ allow: true, major: 8 }])).toBe(false);
		expect(allowsEverything([])).toBe(false);
	});
});
