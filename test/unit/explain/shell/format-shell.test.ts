import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { TsrunError } from '../../../../src/core/errors.ts';
import { DIFFERENCES } from '../../../../src/explain/shell/differences.ts';
import { formatShell, shellDifferences } from '../../../../src/explain/shell/format-shell.ts';
import { stepCommands } from '../../../../src/explain/shell/step-commands.ts';
import { NO_SURROUNDINGS, type Surroundings } from '../../../../src/explain/shell/surroundings.ts';
import { setLinkUp } from '../../../../src/plan/netlink/set-link-up.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import { UNIFIED } from '../../plan/cgroup/hosts.ts';
import { type Case, planOf } from '../../plan/plan-fixture.ts';
import { ONE_OF_EACH } from '../one-of-each.ts';

const AROUND: Surroundings = { ...NO_SURROUNDINGS, title: 'a test' };
const script = (given: Case = {}): string => formatShell(planOf(given), AROUND);
const linesOf = (text: string): readonly string[] => text.split('\n').map(line => line.trim());

describe('stepCommands', () => {
	it.each(ONE_OF_EACH)('knows $op', step => {
		const real = step.op === 'netlink' || step.op === 'moveLink' ? { ...step, message: setLinkUp({ index: 1 }) } : step;
		try {
			expect(Array.isArray(stepCommands(real, []).lines)).toBe(true);
		} catch (error) {
			expect(error).toBeInstanceOf(TsrunError);
			expect((error as TsrunError).code).toBe('TSRUN_UNSUPPORTED');
		}
	});

	it('makes an error of a message that no plan has', () => {
		const step = { op: 'netlink', message: new Uint8Array(20), why: 'a test', phase: 'network' } as const;
		expect(() => stepCommands(step, [])).toThrow('a netlink message without a command: a test');
	});
});

describe('formatShell', () => {
	const cases: readonly (readonly [string, Case])[] = [
		['of v1', {}],
		['of v2', { facts: UNIFIED, options: { resources: { memory: 64 << 20, pidsLimit: 50, nanoCpus: 5e8 } } }],
		['with a read-only root', { options: { readOnly: true } }],
		['of a privileged container', { options: { privileged: true } }],
	];

	it.each(cases)('is a script %s that bash can read', (_, given) => {
		const { stderr, status } = spawnSync('bash', ['--norc', '-n'], { input: script(given), encoding: 'utf8' });
		expect([stderr, status]).toEqual(['', 0]);
	});

	it('writes limits of either version of cgroups, and their reasons', () => {
		const lines = linesOf(script(cases[1]?.[1]));
		const limit = lines.findIndex(line => /^echo 67108864 > \/sys\/fs\/cgroup\/\S+\/memory\.max$/.test(line));
		expect(limit).toBeGreaterThan(0);
		expect(lines[limit - 1]).toBe('# limit memory to 64 MiB (/linux/resources/memory/limit)');
		expect(lines.some(line => /^echo 0 > \/sys\/fs\/cgroup\/\S+\/cgroup\.procs$/.test(line))).toBe(true);
		expect(shellDifferences(planOf(cases[1]?.[1]), AROUND)).toContain('device-program');
	});

	it('names what bash cannot do, at the top and at the step', () => {
		const text = script();
		expect(shellDifferences(planOf(), AROUND)).toEqual(['seccomp', 'session-keyring']);
		expect(text).toContain(`\n# - ${DIFFERENCES.seccomp}\n`);
		expect(text).toContain(`(/linux/seccomp)\n\t#   ${DIFFERENCES.seccomp}\n`);
	});

	it('gives the program what the plan gives it, by setpriv and env', () => {
		const plan = planOf();
		const change = { umask: 0o27, env: ['A=$(id)', 'nothing', '=x', 'B='] };
		const init = plan.init.map(step =>
			step.op === 'exec' ? { ...step, env: change.env } : step.op === 'umask' ? { ...step, mask: change.umask } : step,
		);
		const text = formatShell({ ...plan, init }, AROUND);
		expect(text).toContain("\n\t\t'A=$(id)' \\\n\t\tB= \\\n");
		expect(text).toContain('\n\tumask 027\n');
		expect(shellDifferences({ ...plan, init }, AROUND)).toContain('environment');
	});

	it('lets no text of a plan or its surroundings become a command', () => {
		const evil = "\n'; touch /tmp/canary #$(id)`id`\n";
		const plan = planOf();
		const taint = (value: unknown): unknown =>
			typeof value === 'string' && !/^\/?(proc|sys)/.test(value) ? `${value}${evil}` : value;
		const tainted = (steps: Plan['setup']): Plan['setup'] =>
			steps.map(step => {
				const fields = Object.entries(step).map(([key, value]) => [
					key,
					key === 'op' || key === 'phase' || key === 'type' ? value : taint(value),
				]);
				return Object.fromEntries(fields) as typeof step;
			});
		const text = formatShell(
			{ ...plan, setup: tainted(plan.setup), init: tainted(plan.init), teardown: tainted(plan.teardown) },
			{
				title: evil,
				required: [{ path: evil, hint: evil }],
				directories: [{ path: evil, mode: 0o755 }],
				files: [{ path: evil, text: evil }],
				bridges: [{ name: evil, hostIndex: 1, mac: '02:42:00:00:00:00', addresses: [evil] }],
				hasAnonymousVolumes: false,
			},
		);
		// every word that bash reads, with all quotes taken away by bash itself
		const { stdout, status } = spawnSync(
			'bash',
			['--norc', '-c', `${text.replace(/\nmain\n$/, '\n')}\ndeclare -f init init_2 main cleanup`],
			{
				encoding: 'utf8',
			},
		);
		expect(status).toBe(0);
		expect(stdout).toContain('touch /tmp/canary');
		expect(stdout.split('\n').filter(line => /^\s*touch \/tmp\/canary/.test(line))).toEqual([]);
	});

	it.each([
		[
			'a user namespace',
			{ options: { userns: { kind: 'private' } as const }, specRest: { idRange: { first: 1 << 29, size: 65_536 } } },
		],
		['a root without pivot_root', { options: { noPivot: true } }],
	])('refuses %s', (_, given) => {
		expect(() => script(given as Case)).toThrow(/--format sh: the usual commands have no way to do this: /);
	});
});
