import { expect, it } from 'vitest';
import { planLines } from '../../../src/explain/plan-lines.ts';
import { STEP_PLAN } from './step/step-plan.ts';

it('has one line for each step of each list, with all that the plan says of it', () => {
	const lines = planLines(STEP_PLAN);
	expect(lines).toHaveLength(12);
	expect(lines[0]).toBe('setup 0 mkdir("/sys/fs/cgroup/a", 0755) · a cgroup · accepts EEXIST · mkdir(2)');
	expect(lines[8]).toBe('init 2 pivot_root() · the host’s root goes · /root/path · pivot_root(2)');
	expect(lines[11]).toBe('teardown 0 rmdir("/sys/fs/cgroup/a") · the cgroup · only after setup 0 · rmdir(2)');
});

it('is printable', () => {
	expect(planLines(STEP_PLAN)[9]).toContain('sethostname("a\\u001b[31m")');
});
