import { describe, expect, it } from 'vitest';
import { requireKernel } from '../../../src/plan/require-kernel.ts';
import { UNIFIED, withCgroup } from './cgroup/hosts.ts';

const without = (call: string): typeof UNIFIED => ({ ...UNIFIED, syscalls: { ...UNIFIED.syscalls, [call]: false } });

describe('requireKernel', () => {
	it('takes a host that has everything, and one without the optional calls', () => {
		expect(() => requireKernel(UNIFIED)).not.toThrow();
		for (const call of ['clone3', 'mountSetattr', 'fsopen', 'seccomp'])
			expect(() => requireKernel(without(call))).not.toThrow();
	});

	it.each([
		['openat2', 'openat2', '5.6'],
		['closeRange', 'close_range', '5.9'],
		['pidfdOpen', 'pidfd_open', '5.3'],
	])('names the missing %s and the kernel that has it', (fact, call, since) => {
		const old = { ...without(fact), kernel: { release: '4.19.0', major: 4, minor: 19 } };
		expect(() => requireKernel(old)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_KERNEL_TOO_OLD',
				message: `system call ${call}, which Linux has since ${since}, does not work on this host (4.19.0)`,
				hint: `boot a kernel of at least ${since}`,
			}),
		);
		expect(() => requireKernel(without(fact))).toThrow(
			expect.objectContaining({ hint: expect.stringContaining('seccomp filter') }),
		);
	});

	it('wants root, in fact and not in name', () => {
		expect(() => requireKernel({ ...UNIFIED, uid: 1000 })).toThrow(
			expect.objectContaining({ code: 'TSRUN_NOT_ROOT', hint: expect.stringContaining('sudo') }),
		);
		expect(() => requireKernel({ ...UNIFIED, capabilities: 0xa80425fbn })).toThrow(
			expect.objectContaining({ code: 'TSRUN_NOT_ROOT', message: expect.stringContaining('CAP_SYS_ADMIN') }),
		);
	});

	it('wants a cgroup mount', () => {
		expect(() => requireKernel(withCgroup(UNIFIED, { mode: 'none' }))).toThrow(
			expect.objectContaining({ code: 'TSRUN_NO_CGROUP' }),
		);
	});
});
