import { describe, expect, it } from 'vitest';
import type { Seccomp } from '../../../../src/oci/runtime-spec.ts';
import { compileSeccomp } from '../../../../src/plan/seccomp/compile-seccomp.ts';
import { KNOWN_FILTERS } from '../../../../src/plan/seccomp/known-filters.ts';
import { seccompFilter } from '../../../../src/plan/seccomp/seccomp-filter.ts';
import { createSpec } from '../../../../src/spec/create-spec.ts';
import { specInput } from '../../spec/spec-input-fixture.ts';

const ARCHITECTURES = ['x64', 'arm64'] as const;

describe.each(ARCHITECTURES)('on %s', arch => {
	const known = KNOWN_FILTERS[arch];
	const target = { arch, pointer: '/linux/seccomp' };

	it('the filter of a container without flags is there already', () => {
		const input = specInput();
		const { linux } = createSpec({ ...input, host: { ...input.host, arch } });
		expect(JSON.stringify(linux?.seccomp)).toBe(known.profile);
	});

	it('it is what the compiler makes of the profile', () => {
		const profile = JSON.parse(known.profile) as Seccomp;
		expect(seccompFilter(profile, target)).toEqual(compileSeccomp(profile, target));
		expect(seccompFilter(profile, target).filter.length).toBeGreaterThan(1000);
	});

	it('a profile that differs in anything gets a filter of its own', () => {
		const profile = JSON.parse(known.profile) as Seccomp;
		const [first, ...rest] = profile.syscalls ?? [];
		const variants: readonly Seccomp[] = [
			{ ...profile, defaultErrnoRet: 2 },
			{ ...profile, flags: ['SECCOMP_FILTER_FLAG_LOG'] },
			{ ...profile, architectures: profile.architectures?.slice(0, 1) ?? [] },
			{ ...profile, syscalls: [{ ...first, names: first?.names.slice(1) ?? [], action: 'SCMP_ACT_ALLOW' }, ...rest] },
		];
		for (const variant of variants) {
			expect(seccompFilter(variant, target)).toEqual(compileSeccomp(variant, target));
			expect(seccompFilter(variant, target)).not.toEqual(seccompFilter(profile, target));
		}
	});
});

it('a profile of another architecture is compiled for this one', () => {
	const profile = JSON.parse(KNOWN_FILTERS.arm64.profile) as Seccomp;
	const target = { arch: 'x64', pointer: '/linux/seccomp' } as const;
	expect(seccompFilter(profile, target)).toEqual(compileSeccomp(profile, target));
	expect(seccompFilter(profile, target)).not.toEqual(seccompFilter(profile, { ...target, arch: 'arm64' }));
});
