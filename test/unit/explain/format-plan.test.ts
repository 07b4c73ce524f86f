import { describe, expect, it } from 'vitest';
import { formatPlan } from '../../../src/explain/format-plan.ts';
import type { Plan } from '../../../src/plan/step.ts';

const PLAN: Plan = {
	version: 1,
	cloneFlags: 0x20000 | 0x20000000,
	setup: [
		{
			op: 'mkdir',
			path: '/sys/fs/cgroup/tsrun',
			mode: 0o755,
			tolerate: [17],
			phase: 'cgroup',
			why: 'a cgroup above those of containers',
		},
		{
			op: 'write',
			path: '/sys/fs/cgroup/tsrun/web/memory.max',
			data: '67108864',
			phase: 'cgroup',
			why: 'limit memory to 64 MiB',
			from: '/linux/resources/memory/limit',
		},
		{ op: 'clone', flags: 0x20020000, phase: 'namespaces', why: 'init is born', from: '/linux/namespaces' },
	],
	init: [{ op: 'sethostname', name: 'web', phase: 'identity', why: 'the name', from: '/hostname' }],
	teardown: [
		{
			op: 'removeCgroup',
			path: '/sys/fs/cgroup/tsrun/web',
			timeoutMs: 100,
			tolerate: [2],
			after: 1,
			phase: 'cgroup',
			why: 'remove it',
		},
	],
};

describe('formatPlan', () => {
	it('groups the steps by phase, numbers them and says why', () => {
		expect(formatPlan(PLAN, { colour: false })).toBe(`plan version 1, new namespaces: CLONE_NEWNS|CLONE_NEWPID

setup  on the host, 3 steps
  cgroup
    0  mkdir("/sys/fs/cgroup/tsrun", 0755)
       a cgroup above those of containers · accepts EEXIST · mkdir(2)
    1  write("/sys/fs/cgroup/tsrun/web/memory.max", "67108864")
       limit memory to 64 MiB · /linux/resources/memory/limit · write(2)
  namespaces
    2  clone(CLONE_NEWNS|CLONE_NEWPID)
       init is born · /linux/namespaces · clone(2)

init  in the container, 1 step
  identity
    0  sethostname("web")
       the name · /hostname · sethostname(2)

teardown  after the end, or after a failure, 1 step
  cgroup
    0  remove_cgroup("/sys/fs/cgroup/tsrun/web", 100)
       remove it · accepts ENOENT · only after setup 1 · cgroups(7)
`);
	});

	it('shows some phases alone, under the numbers of the whole plan', () => {
		const text = formatPlan(PLAN, { colour: false, only: ['namespaces', 'identity'] });
		expect(text).toContain('setup  on the host, 3 steps\n  namespaces\n    2  clone(');
		expect(text).toContain('sethostname("web")');
		expect(text).not.toMatch(/mkdir|teardown/);
	});

	it('has the same text under its colours', () => {
		// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is looked for
		const plain = formatPlan(PLAN, { colour: true }).replaceAll(/\u001b\[\d+m/g, '');
		expect(plain).toBe(formatPlan(PLAN, { colour: false }));
		expect(formatPlan(PLAN, { colour: true })).toContain('\u001b[1msetup\u001b[0m');
	});

	it('lines the numbers up', () => {
		const init = Array.from({ length: 11 }, () => PLAN.init[0]).flatMap(step => step ?? []);
		const text = formatPlan({ ...PLAN, init }, { colour: false });
		expect(text).toContain('\n     0  sethostname');
		expect(text).toContain('\n    10  sethostname');
	});

	it('shows a plan of nothing', () => {
		const text = formatPlan({ version: 1, cloneFlags: 0, setup: [], init: [], teardown: [] }, { colour: false });
		expect(text).toContain('new namespaces: none');
		expect(text).toContain('setup  on the host, 0 steps');
	});

	it('lets no note move the cursor', () => {
		const [step] = PLAN.init;
		const init = step === undefined ? [] : [{ ...step, why: 'set \u001b[31m', from: '/linux/sysctl/a\nb' }];
		expect(formatPlan({ ...PLAN, init }, { colour: false })).toContain('set \\u001b[31m · /linux/sysctl/a\\u000ab');
	});
});
