import { expect, it } from 'vitest';
import { exampleSpec, rootlessSpec } from '../../../src/spec/example-spec.ts';
import { validateSpec } from '../../../src/spec/validate-spec.ts';

const types = (spec: ReturnType<typeof exampleSpec>) => spec.linux?.namespaces?.map(({ type }) => type);

it('is a configuration that create takes, with and without root', () => {
	for (const isUnified of [false, true]) {
		const spec = exampleSpec({ isUnified });
		expect(validateSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
		const rootless = rootlessSpec(spec, { uid: 1000, gid: 1000 });
		expect(validateSpec(JSON.parse(JSON.stringify(rootless)))).toEqual(rootless);
	}
});

it('has a cgroup namespace only where cgroup2 is all that the host has', () => {
	expect(types(exampleSpec({ isUnified: false }))).toEqual(['pid', 'network', 'ipc', 'uts', 'mount']);
	expect(types(exampleSpec({ isUnified: true }))?.at(-1)).toBe('cgroup');
});

it('for a user without root maps that user, asks for no limits, and leaves out what only root can have', () => {
	const spec = rootlessSpec(exampleSpec({ isUnified: false }), { uid: 1000, gid: 100 });
	expect(types(spec)).toEqual(['pid', 'ipc', 'uts', 'mount', 'user']);
	expect(spec.linux?.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
	expect(spec.linux?.gidMappings).toEqual([{ containerID: 0, hostID: 100, size: 1 }]);
	expect(spec.linux?.resources).toBeUndefined();
	expect(spec.mounts?.find(({ destination }) => destination === '/sys')).toMatchObject({
		source: '/sys',
		type: 'none',
	});
	expect(spec.mounts?.flatMap(({ options = [] }) => options).filter(option => /^[ug]id=/.test(option))).toEqual([]);
});
