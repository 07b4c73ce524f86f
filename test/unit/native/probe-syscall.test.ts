import { describe, expect, it } from 'vitest';
import { probeSyscall } from '../../../src/native/probe-syscall.ts';

describe('probeSyscall', () => {
	it.each(['openat2', 'clone3', 'close_range', 'pidfd_open', 'mount_setattr', 'seccomp'] as const)(
		'%s is refused for its arguments by a kernel that has it',
		name => expect(probeSyscall(name)).toBe(22),
	);

	it('fsopen is refused for its arguments, or for the want of CAP_SYS_ADMIN', () => {
		expect([1, 22]).toContain(probeSyscall('fsopen'));
	});

	it('does not know other names', () => {
		const probe = () => probeSyscall('reboot' as 'openat2');
		expect(probe).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'probe' }));
	});
});
