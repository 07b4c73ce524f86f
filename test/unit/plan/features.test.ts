import { describe, expect, it } from 'vitest';
import { describeFeatures } from '../../../src/plan/features.ts';
import { parseMountOptions } from '../../../src/plan/mount-options.ts';
import { machinesOf } from '../../../src/plan/seccomp/architectures.ts';
import { filterFlags } from '../../../src/plan/seccomp/filter-flags.ts';
import { exampleSpec } from '../../../src/spec/example-spec.ts';
import { validateSpec } from '../../../src/spec/validate-spec.ts';

const features = describeFeatures('1.2.3');
const example = exampleSpec({ isUnified: false });

describe('what the features name, create takes', () => {
	it('hooks, capabilities and namespaces', () => {
		const hook = [{ path: '/bin/true' }];
		const spec = {
			...example,
			hooks: Object.fromEntries(features.hooks.map(name => [name, hook])),
			process: { ...example.process, capabilities: { bounding: features.linux.capabilities } },
			linux: {
				namespaces: features.linux.namespaces.map(type => ({ type })),
				uidMappings: [{ containerID: 0, hostID: 0, size: 1 }],
				gidMappings: [{ containerID: 0, hostID: 0, size: 1 }],
			},
		};
		expect(validateSpec(spec)).toMatchObject({ hooks: spec.hooks, linux: { namespaces: spec.linux.namespaces } });
	});

	it('mount options: none is left to the file system', () => {
		expect(features.mountOptions.filter(option => parseMountOptions([option]).data !== '')).toEqual([]);
		expect(features.mountOptions).toEqual(expect.arrayContaining(['bind', 'ro', 'rro', 'rslave', 'nosymfollow']));
	});

	it('seccomp architectures and flags', () => {
		const { archs, knownFlags, supportedFlags } = features.linux.seccomp;
		expect(() => machinesOf(archs, 'x64', '/linux/seccomp')).not.toThrow();
		expect(() => filterFlags(knownFlags, false, '/linux/seccomp')).not.toThrow();
		expect(knownFlags.filter(flag => !supportedFlags.includes(flag))).toEqual([
			'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
		]);
	});
});

it('lists are sorted, but for hooks and capabilities, which have an order', () => {
	const { mountOptions, linux } = features;
	const lists = [mountOptions, linux.namespaces, linux.seccomp.actions, linux.seccomp.operators, linux.seccomp.archs];
	for (const list of lists) expect(list).toEqual(list.toSorted());
	expect(features.hooks[0]).toBe('prestart');
	expect(linux.capabilities[0]).toBe('CAP_CHOWN');
});

it('tells its own version, and which versions of the specification it reads', () => {
	expect(features).toMatchObject({
		ociVersionMin: '1.0.0',
		ociVersionMax: '1.3.0',
		annotations: { 'org.tsrun.version': '1.2.3' },
	});
});
