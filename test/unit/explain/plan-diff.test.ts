import { describe, expect, it } from 'vitest';
import { formatPlanDiff, planDiffToJson } from '../../../src/explain/format-plan-diff.ts';
import { diffPlans } from '../../../src/explain/plan-diff.ts';
import type { Plan, Step } from '../../../src/plan/step.ts';

const CGROUP = '/sys/fs/cgroup/tsrun';

const write = (id: string, file: string, data: string): Step => ({
	op: 'write',
	path: `${CGROUP}/${id}/${file}`,
	data,
	phase: 'cgroup',
	why: `${file} for ${data}`,
	from: '/linux/resources',
});
const hostname = (name: string): Step => ({ op: 'sethostname', name, phase: 'identity', why: 'the name' });
const plan = (setup: readonly Step[], init: readonly Step[] = [], cloneFlags = 0): Plan => ({
	version: 1,
	cloneFlags,
	setup,
	init,
	teardown: [],
});

const FIRST = { id: 'a'.repeat(64), title: '-m 64m hello' };
const SECOND = { id: '1'.repeat(64), title: '-m 128m hello' };

describe('diffPlans', () => {
	it('takes the id of each container, and the host name made of it, for the same', () => {
		const of = (id: string) => ({ id, plan: plan([write(id, 'pids.max', '9')], [hostname(id.slice(0, 12))]) });
		const { setup, init } = diffPlans(of(FIRST.id), of(SECOND.id));
		expect(setup).toMatchObject([{ side: 'both', call: `write("${CGROUP}/<id>/pids.max", "9")` }]);
		expect(init).toMatchObject([{ side: 'both', call: 'sethostname("<id>")' }]);
	});

	it('takes an anonymous volume for the same, whatever its name', () => {
		const of = (name: string): Step => ({ ...hostname(''), op: 'removeTree', path: `/s/volumes/${name}` }) as Step;
		const named = (letter: string) => ({ id: FIRST.id, plan: plan([of(letter.repeat(64)), of('db')]) });
		expect(diffPlans(named('2'), named('3')).setup.map(({ side, call }) => `${side} ${call}`)).toEqual([
			'both remove_tree("/s/volumes/<volume>")',
			'both remove_tree("/s/volumes/db")',
		]);
	});

	it('takes an id of one letter for itself only where it stands alone', () => {
		const first = { id: 'b', plan: plan([write('b', 'cgroup.subtree', 'b')]) };
		expect(diffPlans(first, first).setup[0]?.call).toBe(`write("${CGROUP}/<id>/cgroup.subtree", "<id>")`);
	});

	it('keeps the most that both have in common, in the order of both', () => {
		const steps = (words: string) => plan([...words].map(letter => write('x', 'f', letter)));
		const sides = (one: string, other: string) =>
			diffPlans({ id: 'x', plan: steps(one) }, { id: 'x', plan: steps(other) })
				.setup.map(({ side, index }) => `${{ first: '-', second: '+', both: '=' }[side]}${index}`)
				.join(' ');
		expect(sides('abcd', 'abcd')).toBe('=0 =1 =2 =3');
		expect(sides('abcd', 'acbd')).toBe('=0 -1 =2 +2 =3');
		expect(sides('', 'ab')).toBe('+0 +1');
		expect(sides('ab', '')).toBe('-0 -1');
		expect(sides('ab', 'cd')).toBe('-0 -1 +0 +1');
	});
});

describe('formatPlanDiff', () => {
	const first = { ...FIRST, plan: plan([write(FIRST.id, 'pids.max', '9'), write(FIRST.id, 'memory.max', '64')]) };
	const second = {
		...SECOND,
		plan: plan(
			[write(SECOND.id, 'pids.max', '9'), write(SECOND.id, 'memory.max', '128')],
			[hostname('web')],
			0x4000000,
		),
	};

	it('shows what is on one side only, with its reason, and counts what both have', () => {
		expect(formatPlanDiff(first, second, { colour: false })).toBe(`- -m 64m hello
+ -m 128m hello
new namespaces: none, then CLONE_NEWUTS

setup  on the host
    … 1 step of both
  cgroup
  - write("${CGROUP}/<id>/memory.max", "64")
      memory.max for 64 · /linux/resources · write(2)
  + write("${CGROUP}/<id>/memory.max", "128")
      memory.max for 128 · /linux/resources · write(2)

init  in the container
  identity
  + sethostname("web")
      the name · sethostname(2)
`);
	});

	it('shows only the phases that are asked for', () => {
		const text = formatPlanDiff(first, second, { colour: false, only: ['identity'] });
		expect(text).toContain('+ sethostname("web")');
		expect(text).not.toContain('memory.max');
	});

	it('says so where no step differs', () => {
		expect(formatPlanDiff(first, first, { colour: false })).toMatch(/\n\nno step differs\n$/);
	});

	it('prints no escape sequence of a title to a terminal', () => {
		expect(formatPlanDiff({ ...first, title: '\u001b[2Jx' }, second, { colour: false })).not.toContain('\u001b');
	});

	it('as JSON has the lines of one side, with their steps', () => {
		const json = JSON.parse(planDiffToJson(first, second));
		expect(json.setup).toMatchObject([
			{ side: 'first', index: 1, step: { op: 'write', data: '64' } },
			{ side: 'second', index: 1, step: { op: 'write', data: '128' } },
		]);
		expect(json.teardown).toEqual([]);
	});
});
