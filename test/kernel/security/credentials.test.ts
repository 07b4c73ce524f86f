import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan, Step } from '../../../src/plan/step.ts';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { witnessImage } from '../support/witness-image.ts';
import { runPlan } from './support/run-plan.ts';

const sandbox = createSandbox();
let image = '';
const NONE = '0000000000000000';
const EPERM = 1;

beforeAll(async () => {
	const passwd = [
		'root:x:0:0:root:/root:/bin/sh',
		'1000:x:0:0:numeric name:/:/bin/sh',
		'guest:x:1001:1001:guest:/:/bin/sh',
		'wraps:x:4294967296:4294967296::/:/bin/sh',
		'minus:x:-1:-1::/:/bin/sh',
	];
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		files: [
			{ name: 'etc/passwd', data: `${passwd.join('\n')}\n` },
			{ name: 'etc/group', data: 'root:x:0:\nguest:x:1001:\nextra:x:2000:guest\nother:x:3000:nobody\n' },
		],
	});
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
afterAll(() => sandbox.remove());

const reportOf = async (...flags: readonly string[]) =>
	(await runTsrun(sandbox, ['run', '--rm', ...flags, image])).witness.report;

describe('capabilities', () => {
	it.each([
		['by default', []],
		['with more', ['--cap-add', 'NET_ADMIN']],
		['privileged', ['--privileged']],
		['under a reaper', ['--init']],
		['in a user namespace', ['--userns', 'private']],
	])('%s none is inheritable or ambient (CVE-2022-24769)', async (_, flags) => {
		const { capabilities } = await reportOf(...flags);
		expect([capabilities.inheritable, capabilities.ambient]).toEqual([NONE, NONE]);
	});

	it.each([
		['by default', []],
		['with more', ['--cap-add', 'NET_ADMIN']],
		['privileged', ['--privileged']],
	])('%s a user who is not root has none at all (CVE-2016-8867)', async (_, flags) => {
		const { capabilities } = await reportOf('-u', '1234', ...flags);
		expect(capabilities).toMatchObject({ effective: NONE, permitted: NONE, inheritable: NONE, ambient: NONE });
	});
});

describe('--user', () => {
	it.each([
		['1000', [1000, 0], 'a number is a uid, also where the image has it as a name of root (CVE-2016-3697)'],
		['guest', [1001, 1001], 'a name'],
		['guest:2000', [1001, 2000], 'a name and a group'],
		['2147483647', [2147483647, 0], 'the largest signed number'],
	])('%s → %j: %s', async (user, ids) => {
		const { uids, gids } = await reportOf('-u', user);
		expect([uids[0], gids[0]]).toEqual(ids);
	});

	/** CVE-2024-40635, CVE-2026-30892 */
	it.each([
		...['2147483648', '4294967295', '4294967296', '18446744073709551616', '-1', '1e3', '+1', ' 1', '0x1', '1 '],
		...[':', '1:', ':1', '1:2:3', '1:-1', '1:4294967296', 'wraps', 'minus', 'no-such', 'guest:no-such', '\n0'],
	])('%j never is root', async user => {
		const { exitCode, stdout, stderr } = await runTsrun(sandbox, ['run', '--rm', `--user=${user}`, image]);
		if (exitCode === 0) {
			const report = JSON.parse(stdout) as { uids: number[]; gids: number[] };
			expect(['1:', ':1', '2147483648', '4294967294']).toContain(user);
			if (user !== ':1') expect(report.uids).not.toContain(0);
		} else {
			expect(exitCode).toBe(125);
			expect(stderr).toMatch(/^tsrun: .*(user|group)/);
		}
	});
});

describe('groups (CVE-2022-36109)', () => {
	it.each([
		['guest', [], [1001, 2000]],
		['guest', ['--group-add', '4000'], [1001, 2000, 4000]],
		['1234', [], [0]],
		['1234:99', [], [99]],
		['0', [], [0]],
	])('of %s %j are exactly %j, none of the caller’s', async (user, flags, groups) => {
		const result = await runTsrun(sandbox, ['run', '--rm', '-u', user, ...flags, image], {
			wrapper: ['setpriv', '--groups', '7,8,9'],
		});
		const { report } = result.witness;
		expect([...new Set([...report.groups, report.gids[0]])].toSorted((a, b) => a - b)).toEqual(groups);
	});

	it('a file that its group may not read stays unreadable for a member', async () => {
		const dir = join(sandbox.dir, 'shared');
		mkdirSync(dir);
		writeFileSync(join(dir, 'denied'), 'secret');
		execFileSync('chown', ['0:2000', join(dir, 'denied')]);
		chmodSync(join(dir, 'denied'), 0o604);
		const { witness } = await runTsrun(sandbox, [
			...['run', '--rm', '-u', 'guest', '-v', `${dir}:/shared`, image],
			...['open', '/shared/denied', '0'],
		]);
		expect(witness.actions[0]?.errno).toBe(13);
	});
});

describe('what one container is given', () => {
	it('is not in the environment of the next (CVE-2021-21334)', async () => {
		const first = await runTsrun(sandbox, ['run', '--rm', '-e', 'SECRET=of the first', image], {
			env: { CALLER: 'of the caller' },
		});
		expect(first.witness.report.env).toContain('SECRET=of the first');
		const second = await runTsrun(sandbox, [
			...['run', '--rm', '--init', '--entrypoint', '/bin/sh', image],
			...['-c', 'cat /proc/*/environ'],
		]);
		expect(second.stdout).not.toMatch(/SECRET|CALLER/);
		expect(second.stdout).toMatch(/HOSTNAME=/);
	});
});

describe('the terminal of the caller (CVE-2017-5226)', () => {
	it('cannot be typed into: standard streams are pipes, and /dev/tty is not there', async () => {
		const words = [...['run', '--rm', '-i', image], ...['tiocsti', 'x', '--', 'open', '/dev/tty', '2']];
		const { stdout } = await runInTerminal(words);
		const actions = stdout.filter(line => line.action !== undefined);
		expect(actions.map(({ errno }) => errno !== 0)).toEqual([true, true]);
	});

	it('with -t it is the container’s own, in a session of its own', async () => {
		const { stdout } = await runInTerminal(['run', '--rm', '-t', image, 'report']);
		expect(stdout[0]).toMatchObject({ sid: 1, tty: expect.stringMatching(/^\/dev\/(pts\/0|console)$/) });
	});
});

describe('a step that drops privileges and fails (CVE-2020-5291)', () => {
	const DROPS = ['dropBounding', 'setgroups', 'setresgid', 'setresuid', 'capset', 'seccomp', 'closeRange'] as const;
	/** Arguments that the kernel refuses. */
	const spoil = (step: Step): Step => {
		switch (step.op) {
			case 'setgroups':
				return { ...step, groups: new Uint8Array(4 * 65_537 + 4) };
			case 'setresgid':
				return { ...step, gid: 0xffff_fffe };
			case 'setresuid':
				return { ...step, uid: 0xffff_fffe };
			case 'capset':
				return { ...step, effective: 0xffff_ffffn, permitted: 1n };
			case 'seccomp':
				return { ...step, filter: new Uint8Array(8) };
			case 'closeRange':
				return { ...step, flags: 8 };
			default:
				return step;
		}
	};
	/** A capability that init has not may not be dropped from the bounding set either. */
	const withoutSetpcap: Step = {
		op: 'capset',
		effective: 0n,
		permitted: 0n,
		inheritable: 0n,
		phase: 'identity',
		why: 'lose the right to lose rights',
	};

	it.each(DROPS)('%s: the program does not run, and the machine ends with 125', async op => {
		const change = (plan: Plan): Plan => ({
			...plan,
			init: plan.init.flatMap(step =>
				step.op !== op ? [step] : op === 'dropBounding' ? [withoutSetpcap, step] : [spoil(step)],
			),
		});
		const result = await runPlan(sandbox, {
			image,
			args: ['report'],
			options: { userns: { kind: 'private' } },
			change,
		});
		expect(result.exitCode).toBe(125);
		expect(result.stdout).toBe('');
		expect(change(result.prepared.plan).init[result.progress.failed?.step ?? -1]?.op).toBe(op);
		expect(result.progress.failed?.errno).toBeGreaterThanOrEqual(EPERM);
	});
});

async function runInTerminal(words: readonly string[]) {
	const { TSRUN } = await import('../support/run-tsrun.ts');
	const quoted = [TSRUN, ...words].map(word => `'${word}'`).join(' ');
	const text = execFileSync('script', ['-qfec', quoted, '/dev/null'], {
		encoding: 'utf8',
		env: { ...process.env, ...sandbox.env },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const documents = text.split(/\r?\n/).filter(line => line.startsWith('{'));
	return { stdout: documents.map(line => JSON.parse(line) as Readonly<Record<string, unknown>>) };
}
