import { expect, it } from 'vitest';
import { defaultSeccomp } from '../../../src/spec/default-seccomp.ts';
import { specSeccomp } from '../../../src/spec/spec-seccomp.ts';
import { specInput } from './spec-input-fixture.ts';

const file = { seccomp: { kind: 'file', path: 'p.json' } } as const;
const seccompProfile = { defaultAction: 'SCMP_ACT_ALLOW' };

it('is the default for these capabilities', () => {
	expect(specSeccomp(specInput(), ['CAP_SYS_ADMIN'])).toEqual(
		defaultSeccomp({ capabilities: ['CAP_SYS_ADMIN'], arch: 'x64', kernel: { major: 6, minor: 1 } }),
	);
});

it('is none for unconfined and for privileged', () => {
	expect(specSeccomp(specInput({ seccomp: { kind: 'unconfined' } }), [])).toBeUndefined();
	expect(specSeccomp(specInput({ privileged: true }), [])).toBeUndefined();
});

it('is the named profile, for a privileged container too', () => {
	const expected = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] };
	expect(specSeccomp(specInput(file, { seccompProfile }), [])).toEqual(expected);
	expect(specSeccomp(specInput({ ...file, privileged: true }, { seccompProfile }), [])).toEqual(expected);
});

it('is never silently none when the profile was not read', () => {
	expect(() => specSeccomp(specInput(file), [])).toThrow('seccomp profile p.json');
});
