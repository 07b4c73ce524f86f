import { expect, it } from 'vitest';
import type { Process } from '../../../src/oci/runtime-spec.ts';
import { type ExecFlags, execProcess } from '../../../src/spec/exec-process.ts';

const BASE: Process = {
	cwd: '/srv',
	args: ['init'],
	env: ['A=1'],
	terminal: true,
	user: { uid: 7, gid: 8, additionalGids: [9] },
	capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'], inheritable: [] },
};
const NONE: ExecFlags = { env: [], additionalGids: [], cap: [], tty: false, noNewPrivs: false };
const run = (flags: Partial<ExecFlags>, args: readonly string[] = ['ls']) =>
	execProcess(BASE, args, { ...NONE, ...flags });

it('is the container’s process with another command, and a terminal only where asked', () => {
	expect(run({})).toEqual({ ...BASE, args: ['ls'], terminal: false });
	expect(run({ tty: true }).terminal).toBe(true);
});

it('adds to the environment and the groups, and takes directory and user from the flags', () => {
	const made = run({ env: ['B=2'], additionalGids: ['10'], user: '1:2', cwd: '/tmp', noNewPrivs: true });
	expect(made).toMatchObject({
		env: ['A=1', 'B=2'],
		user: { uid: 1, gid: 2, additionalGids: [9, 10] },
		cwd: '/tmp',
		noNewPrivileges: true,
	});
	expect(run({ user: '5' }).user).toMatchObject({ uid: 5, gid: 8 });
});

it('raises a capability in every set but the inheritable one (CVE-2022-29162)', () => {
	const { capabilities } = run({ cap: ['net_raw', 'CAP_KILL'] });
	const raised = ['CAP_KILL', 'CAP_NET_RAW'];
	expect(capabilities).toMatchObject({ bounding: raised, effective: raised, permitted: raised, inheritable: [] });
});

it.each(['', ':1', '1:', '1:2:3', ' 1', '+1', '-1', '0x1', '1e3', 'root', '4294967295', '4294967296', '99999999999'])(
	'refuses the user %j, and never takes it for root (CVE-2026-30892, CVE-2024-40635)',
	user => {
		expect(() => run({ user })).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_FLAG' }));
	},
);

it.each(['', 'x', '-5', '4294967295'])('refuses the group %j', gid => {
	expect(() => run({ additionalGids: [gid] })).toThrow(/--additional-gids/);
});

it('refuses to run nothing', () => {
	expect(() => run({}, [])).toThrow(expect.objectContaining({ code: 'TSRUN_USAGE' }));
});
