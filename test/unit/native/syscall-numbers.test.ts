import { describe, expect, it } from 'vitest';
import { SYSCALL_NUMBERS } from '../../../src/native/syscall-numbers.ts';
import { type Abi, syscallList } from '../../../src/plan/seccomp/syscall-list.ts';

const inKernel = (abi: Abi, name: string) => syscallList(abi).numbers[syscallList(abi).names.indexOf(name)];

describe('the numbers of system calls', () => {
	it.each(Object.entries(SYSCALL_NUMBERS))(
		'%s has those that the tables of the kernel headers have',
		(name, numbers) => {
			expect(numbers).toEqual([inKernel('x86_64', name), inKernel('arm64', name)]);
		},
	);
});
