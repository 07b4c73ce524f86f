import { describe, expect, it } from 'vitest';
import { hasMappedIds, isBind } from '../../../src/oci/mount-kind.ts';
import type { Mount } from '../../../src/oci/runtime-spec.ts';

const MAP = [{ containerID: 0, hostID: 100_000, size: 1 }];
const of = (question: (mount: Mount) => boolean, rest: Partial<Mount>) => question({ destination: '/a', ...rest });

describe('isBind', () => {
	it.each([{ type: 'bind' }, { options: ['ro', 'rbind'] }, { type: 'none', options: ['bind'] }])(
		'knows it by type or option: %j',
		rest => {
			expect(of(isBind, rest)).toBe(true);
		},
	);

	it.each([{}, { type: 'tmpfs', options: ['rprivate', 'idmap'] }])('and no other: %j', rest => {
		expect(of(isBind, rest)).toBe(false);
	});
});

describe('hasMappedIds', () => {
	it.each([{ options: ['bind', 'idmap'] }, { options: ['ridmap'] }, { uidMappings: MAP }, { gidMappings: MAP }])(
		'knows it by mappings or option: %j',
		rest => {
			expect(of(hasMappedIds, rest)).toBe(true);
		},
	);

	it.each([{}, { options: ['rbind'], uidMappings: [], gidMappings: [] }])('and no other: %j', rest => {
		expect(of(hasMappedIds, rest)).toBe(false);
	});
});
