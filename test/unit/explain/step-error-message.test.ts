import { describe, expect, it } from 'vitest';
import { type StepErrorMessage, stepErrorMessage } from '../../../src/explain/step-error-message.ts';
import type { Step, StepOf } from '../../../src/plan/step.ts';
import { ONE_OF_EACH } from './one-of-each.ts';

const notes = { why: 'a test', phase: 'process' } as const;
const cgroup = { why: 'a test', phase: 'cgroup' } as const;
const told = (step: Step, errno: number): StepErrorMessage =>
	stepErrorMessage({ step, index: 12, list: 'init', errno });
const mount = (type: string): StepOf<'mountInRoot'> => ({
	op: 'mountInRoot',
	source: 'none',
	target: '/proc',
	type,
	flags: 0,
	data: '',
	resolve: 0,
	from: '/mounts/0',
	...notes,
});
const write = (path: string): Step => ({ op: 'write', path, data: '5', ...cgroup });
const label: Step = { op: 'writeProc', path: 'thread-self/attr/exec', data: 'exec x', ...notes };
const exec = (...argv: readonly string[]): Step => ({
	op: 'exec',
	paths: ['/bin/x', '/usr/bin/x'],
	argv,
	env: [],
	from: '/process/args',
	...notes,
});

describe('stepErrorMessage', () => {
	it.each<[Step, number, string]>([
		[mount('proc'), 1, 'cannot mount proc at /proc (init step 12, /mounts/0): operation not permitted'],
		[
			write('/sys/fs/cgroup/pids.max'),
			22,
			'cannot write "5" to /sys/fs/cgroup/pids.max (init step 12): invalid argument',
		],
		[exec('sleep', '1'), 2, 'cannot run "sleep" (init step 12, /process/args): no such file or directory'],
		[
			{ op: 'clone', flags: 0x10000000, ...notes },
			28,
			"cannot start the container's first process with CLONE_NEWUSER (init step 12): no space left on device",
		],
		[
			{ op: 'rlimit', resource: 7, soft: 10, hard: 20, ...notes },
			1,
			'cannot set RLIMIT_NOFILE to 10 and at most 20 (init step 12): operation not permitted',
		],
		[
			{ op: 'mount', source: '/a', target: '/b', type: '', flags: 4096, data: '', ...notes },
			2,
			'cannot bind /a at /b (init step 12): no such file or directory',
		],
		[
			{ op: 'mount', source: '', target: '/b', type: '', flags: 4096 | 32 | 1, data: '', ...notes },
			1,
			'cannot set the flags of the mount /b (init step 12): operation not permitted',
		],
		[
			{ op: 'mount', source: '', target: '/', type: '', flags: 1 << 18, data: '', ...notes },
			22,
			'cannot set the propagation of the mount / (init step 12): invalid argument',
		],
	])('%j, errno %i', (step, errno, message) => {
		expect(told(step, errno).message).toBe(message);
	});

	it.each<[string, Step, number, RegExp]>([
		['mount of proc, EPERM', mount('proc'), 1, /wholly visible/],
		['mount of tmpfs, EPERM', mount('tmpfs'), 1, /CAP_SYS_ADMIN/],
		['mount, ENODEV', mount('overlay'), 19, /file system overlay/],
		['mount of overlay, EINVAL', mount('overlay'), 22, /upper directory/],
		['a bind, EINVAL', { ...mount(''), flags: 4096 }, 22, /rbind/],
		['mount of proc, ELOOP', mount('proc'), 40, /must be mounted on ordinary directory/],
		['mount, EXDEV', mount('tmpfs'), 18, /leads into \/proc/],
		[
			'clone of a user namespace, EPERM',
			{ op: 'clone', flags: 0x10000000, ...notes },
			1,
			/user namespaces are restricted/,
		],
		['clone, EPERM', { op: 'clone3', flags: 0x20000000, cgroup: '', ...notes }, 1, /CAP_SYS_ADMIN/],
		[
			'clone, ENOSPC',
			{ op: 'clone', flags: 0x20000000 | 0x40000000, ...notes },
			28,
			/user\.max_pid_namespaces, user\.max_net_namespaces/,
		],
		['clone, EAGAIN', { op: 'clone', flags: 0, ...notes }, 11, /limit of processes/],
		['subtree_control, EBUSY', write('/sys/fs/cgroup/a/cgroup.subtree_control'), 16, /processes are in this cgroup/],
		['memory.max, EBUSY', write('/c/memory.limit_in_bytes'), 16, /uses more/],
		['cpuset, EINVAL', write('/c/cpuset.cpus'), 22, /CPUs or memory nodes/],
		['cpu.max, EINVAL', write('/c/cpu.max'), 22, /1000 µs/],
		['io weight, ENOENT', write('/c/io.bfq.weight'), 2, /bfq/],
		['any control file, ENOENT', write('/c/pids.max'), 2, /not enabled/],
		[
			'rlimit, EPERM',
			{ op: 'rlimit', resource: 8, soft: 1, hard: 2, ...notes },
			1,
			/hard limit above the present one, here to 2, needs CAP_SYS_RESOURCE$/,
		],
		['open files, EPERM', { op: 'rlimit', resource: 7, soft: 1, hard: 2, ...notes }, 1, /nr_open/],
		['a profile, ENOENT', label, 2, /apparmor_parser/],
		['a label, EINVAL', label, 22, /does not know this label/],
		['a label, EACCES', label, 13, /policy/],
		['exec by name, ENOENT', exec('x'), 2, /none of the 2 directories/],
		['exec by path, ENOENT', exec('/bin/x'), 2, /interpreter/],
		['exec, EACCES', exec('x'), 13, /x permission/],
		['exec, ENOEXEC', exec('x'), 8, /another architecture/],
		['pivot_root, EINVAL', { op: 'pivotRoot', ...notes }, 22, /--no-pivot/],
		['a file outside cgroups, ENOSPC', { op: 'write', path: '/etc/x', data: '', ...notes }, 28, /disk/],
		['the cgroup is there, EEXIST', { op: 'mkdir', path: '/c', mode: 0o755, ...cgroup }, 17, /there already/],
	])('hints at the usual cause: %s', (_, step, errno, hint) => {
		expect(told(step, errno).hint).toMatch(hint);
	});

	it('has no hint where it knows none', () => {
		expect(told(mount('tmpfs'), 5)).not.toHaveProperty('hint');
		expect(told({ op: 'write', path: '/etc/x', data: '', ...notes }, 22)).not.toHaveProperty('hint');
	});

	it('words every operation as one clause of one line, the kernel last', () => {
		for (const step of ONE_OF_EACH)
			expect(told(step, 5).message).toMatch(/^cannot [a-z].* \(init step 12\): input\/output error$/);
	});

	it('lets no name break the line', () => {
		const { message } = told({ op: 'mkdir', path: '/a\n\u001b[2J', mode: 0, ...notes }, 2);
		expect(message).toBe('cannot make the directory /a\\u000a\\u001b[2J (init step 12): no such file or directory');
	});
});
