import { describe, expect, it } from 'vitest';
import { syscallFacts } from '../../../src/host/syscall-facts.ts';

const all = (value: boolean): Record<string, boolean> =>
	Object.fromEntries(
		['openat2', 'clone3', 'closeRange', 'pidfdOpen', 'mountSetattr', 'fsopen', 'seccomp'].map(name => [name, value]),
	);

describe('syscallFacts', () => {
	it('takes any word about the arguments as a call that works', () => {
		for (const errno of [0, 9, 14, 22]) expect(syscallFacts(() => errno, true)).toEqual(all(true));
	});

	it('takes ENOSYS as a kernel without the call', () => {
		expect(syscallFacts(() => 38, true)).toEqual(all(false));
		expect(syscallFacts(name => (name === 'close_range' ? 38 : 22), true)).toEqual({ ...all(true), closeRange: false });
	});

	it('takes EPERM as a seccomp filter, but not for fsopen without CAP_SYS_ADMIN', () => {
		expect(syscallFacts(() => 1, true)).toEqual(all(false));
		expect(syscallFacts(() => 1, false)).toEqual({ ...all(false), fsopen: true });
	});
});
