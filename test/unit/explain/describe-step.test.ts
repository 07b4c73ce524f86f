import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../src/explain/describe-step.ts';
import type { Step } from '../../../src/plan/step.ts';
import { ONE_OF_EACH } from './one-of-each.ts';

const notes = { why: 'a test', phase: 'mounts' } as const;

describe('describeStep', () => {
	it.each<[Step, string]>([
		[
			{
				op: 'mountInRoot',
				source: 'proc',
				target: '/proc',
				type: 'proc',
				flags: 2 | 4 | 8,
				data: '',
				resolve: 0,
				...notes,
			},
			'mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC)',
		],
		[
			{ op: 'mountInRoot', source: 'proc', target: '/proc', type: 'proc', flags: 0, data: '', resolve: 4, ...notes },
			'mount("proc", "/proc", "proc", 0, "", RESOLVE_NO_SYMLINKS)',
		],
		[
			{ op: 'mount', source: '', target: '/', type: '', flags: (1 << 19) | (1 << 14), data: '', ...notes },
			'mount("", "/", "", MS_REC|MS_SLAVE)',
		],
		[{ op: 'clone3', flags: 0x20000000 | 0x40000000, cgroup: '', ...notes }, 'clone3(CLONE_NEWPID|CLONE_NEWNET)'],
		[{ op: 'unshare', flags: 0x2000000n, ...notes }, 'unshare(CLONE_NEWCGROUP)'],
		[{ op: 'umount', path: '/old', flags: 2, ...notes }, 'umount("/old", MNT_DETACH)'],
		[{ op: 'prctl', option: 38, arg2: 1, arg3: 0, ...notes }, 'prctl(PR_SET_NO_NEW_PRIVS, 1)'],
		[{ op: 'prctl', option: 9999, arg2: 0, arg3: 7, ...notes }, 'prctl(9999, 0, 7)'],
		[
			{ op: 'rlimit', resource: 7, soft: 1024, hard: 0xffff_ffff_ffff_ffffn, ...notes },
			'rlimit(RLIMIT_NOFILE, 1024, unlimited)',
		],
		[{ op: 'rlimit', resource: 7, soft: -1n, hard: -1n, ...notes }, 'rlimit(RLIMIT_NOFILE, unlimited, unlimited)'],
		[{ op: 'dropBounding', keep: 0b1001n, ...notes }, 'drop_bounding(CAP_CHOWN|CAP_FOWNER)'],
		[
			{ op: 'capset', effective: 0, permitted: 1n << 40n, inheritable: 1n << 63n, ...notes },
			'capset(none, CAP_CHECKPOINT_RESTORE, 0x8000000000000000)',
		],
		[{ op: 'mkdir', path: '/a "b"', mode: 0o755, ...notes }, 'mkdir("/a \\"b\\"", 0755)'],
		[
			{ op: 'mknodInRoot', path: '/dev/null', mode: 0o020666, device: 0x103, uid: 0, gid: 0, ...notes },
			'mknod("/dev/null", 020666, 1:3, 0, 0)',
		],
		[{ op: 'write', path: '/p', data: 'text', ...notes }, 'write("/p", "text")'],
		[{ op: 'write', path: '/p', data: new TextEncoder().encode('0 1000 1\n'), ...notes }, 'write("/p", "0 1000 1\\n")'],
		[{ op: 'write', path: '/p', data: new Uint8Array([1, 2, 3]), ...notes }, 'write("/p", <3 bytes>)'],
		[{ op: 'seccomp', filter: new Uint8Array(24), flags: 0, ...notes }, 'seccomp(<3 instructions>)'],
		[{ op: 'setgroups', groups: new Uint8Array([10, 0, 0, 0, 0xe8, 3, 0, 0]), ...notes }, 'setgroups([10, 1000])'],
		[
			{ op: 'mountSetattr', target: '/x', set: 0x3, clear: 0, propagation: 0, atFlags: 0x8000, ...notes },
			'mount_setattr("/x", MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID, 0, 0, AT_RECURSIVE)',
		],
		[
			{ op: 'exec', paths: ['/bin/sh', '/usr/bin/sh'], argv: ['sh', '-c', 'a b'], env: [], ...notes },
			'exec(["/bin/sh", "/usr/bin/sh"], ["sh", "-c", "a b"], [])',
		],
		[{ op: 'pivotRoot', ...notes }, 'pivot_root()'],
	])('%#: reads as a call', (step, text) => {
		expect(describeStep(step)).toBe(text);
	});

	it('shows flags without a name as a number', () => {
		expect(describeStep({ op: 'unshare', flags: 0x20000 | 0x1, ...notes })).toBe('unshare(CLONE_NEWNS|0x1)');
	});

	it('lets nothing move the cursor or turn the text round', () => {
		const text = describeStep({ op: 'sethostname', name: 'a\u001b[2J\u009b\u202eb\u2028', ...notes });
		expect(text).toBe('sethostname("a\\u001b[2J\\u009b\\u202eb\\u2028")');
	});

	it('cuts long data short', () => {
		expect(describeStep({ op: 'write', path: '/p', data: 'x'.repeat(10_000), ...notes }).length).toBeLessThan(200);
	});

	it('shows every operation on one line', () => {
		for (const step of ONE_OF_EACH) expect(describeStep(step)).toMatch(/^[a-z0-9_]+\(.*\)$/);
	});
});
