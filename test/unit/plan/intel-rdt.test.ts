import { describe, expect, it } from 'vitest';
import type { TsrunError } from '../../../src/core/errors.ts';
import { describeStep } from '../../../src/explain/describe-step.ts';
import type { IntelRdt } from '../../../src/oci/runtime-spec.ts';
import { compileIntelRdt, enterIntelRdt } from '../../../src/plan/intel-rdt.ts';
import type { ResctrlFacts } from '../../../src/plan/spec-facts.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';
import { UNIFIED } from './cgroup/hosts.ts';
import { isOp, only, planOf } from './plan-fixture.ts';

const RESCTRL: ResctrlFacts = {
	mountpoint: '/sys/fs/resctrl',
	features: { cache: true, memoryBandwidth: true, monitoring: true },
};

function compile(intelRdt: IntelRdt, resctrl: ResctrlFacts | undefined = RESCTRL) {
	const plan = compileIntelRdt(
		{ ociVersion: '1.3.0', linux: { intelRdt } },
		resctrl === undefined ? {} : { resctrl },
		'web',
	);
	const calls = (steps: typeof plan.setup) => steps.map(describeStep);
	return { setup: calls(plan.setup), init: calls(plan.init), teardown: calls(plan.teardown) };
}
const refusal = (intelRdt: IntelRdt, change: Partial<ResctrlFacts> = {}): TsrunError =>
	thrownBy(() => compile(intelRdt, { ...RESCTRL, ...change })) as TsrunError;

describe('the group of a container', () => {
	it('is its own where the configuration names none, and goes with it', () => {
		expect(compile({ l3CacheSchema: 'L3:0=f', memBwSchema: 'MB:0=20', schemata: ['L2:0=f'] })).toEqual({
			setup: [
				'mkdir("/sys/fs/resctrl/web", 0755)',
				'write("/sys/fs/resctrl/web/schemata", "L3:0=f\\nMB:0=20\\nL2:0=f\\n")',
			],
			init: ['write("/sys/fs/resctrl/web/tasks", "0")'],
			teardown: ['rmdir("/sys/fs/resctrl/web")'],
		});
		expect(compile({}).setup).toEqual(['mkdir("/sys/fs/resctrl/web", 0755)']);
	});

	it('stays where it has a name', () => {
		expect(compile({ closID: 'gold', schemata: ['L3:0=f'] })).toEqual({
			setup: ['mkdir("/sys/fs/resctrl/gold", 0755)', 'write("/sys/fs/resctrl/gold/schemata", "L3:0=f\\n")'],
			init: ['write("/sys/fs/resctrl/gold/tasks", "0")'],
			teardown: [],
		});
	});

	it('is used as it is where it exists', () => {
		const group = { schemata: '    L3:0=0000f;1=fffff\n' };
		for (const intelRdt of [{ closID: 'gold' }, { closID: 'gold', l3CacheSchema: 'L3:0=f' }]) {
			expect(compile(intelRdt, { ...RESCTRL, group })).toEqual({
				setup: [],
				init: ['write("/sys/fs/resctrl/gold/tasks", "0")'],
				teardown: [],
			});
		}
	});

	it('is the root one for /', () => {
		expect(compile({ closID: '/' }, { ...RESCTRL, group: { schemata: '' } }).init).toEqual([
			'write("/sys/fs/resctrl/tasks", "0")',
		]);
	});

	it('counts apart with a monitoring group, which always goes', () => {
		expect(compile({ closID: 'gold', enableMonitoring: true }, { ...RESCTRL, group: { schemata: '' } })).toEqual({
			setup: ['mkdir("/sys/fs/resctrl/gold/mon_groups/web", 0755)'],
			init: ['write("/sys/fs/resctrl/gold/tasks", "0")', 'write("/sys/fs/resctrl/gold/mon_groups/web/tasks", "0")'],
			teardown: ['rmdir("/sys/fs/resctrl/gold/mon_groups/web")'],
		});
		expect(compile({ enableMonitoring: true }).teardown).toEqual([
			'rmdir("/sys/fs/resctrl/web/mon_groups/web")',
			'rmdir("/sys/fs/resctrl/web")',
		]);
	});

	it('is entered by every later process too', () => {
		const linux = { intelRdt: { closID: 'gold' } };
		expect(enterIntelRdt({ linux }, { resctrl: RESCTRL }, 'web').map(describeStep)).toEqual([
			'write("/sys/fs/resctrl/gold/tasks", "0")',
		]);
		expect(enterIntelRdt({ linux: {} }, { resctrl: RESCTRL }, 'web')).toEqual([]);
	});
});

describe('what is refused before anything is made', () => {
	it('a host without resctrl', () => {
		const error = thrownBy(() =>
			compileIntelRdt({ ociVersion: '1.3.0', linux: { intelRdt: { closID: 'x' } } }, {}, 'web'),
		) as TsrunError;
		expect(error).toMatchObject({ code: 'TSRUN_UNSUPPORTED' });
		expect(error.message).toContain('Intel RDT is not enabled');
		expect(error.hint).toContain('mount -t resctrl');
	});

	it.each<[IntelRdt, string]>([
		[{ l3CacheSchema: 'L3:0=f' }, 'intelRdt.l3CacheSchema is specified in config, but Intel RDT/CAT is not enabled'],
		[{ memBwSchema: 'MB:0=10' }, 'intelRdt.memBwSchema is specified in config, but Intel RDT/MBA is not enabled'],
		[{ enableMonitoring: true }, 'intelRdt.enableMonitoring is specified in config, but Intel RDT/monitoring is not'],
	])('%j on a CPU that cannot, in the words of runc', (intelRdt, words) => {
		const features = { cache: false, memoryBandwidth: false, monitoring: false };
		expect(refusal(intelRdt, { features }).message).toContain(words);
	});

	it('a group that has to be there and is not', () => {
		expect(refusal({ closID: 'gold' }).message).toBe('config.json /linux/intelRdt/closID: group gold does not exist');
	});

	it('a group that has another schemata', () => {
		const error = refusal(
			{ closID: 'gold', l3CacheSchema: 'L3:0=f' },
			{ group: { schemata: '  L3:0=1\n  MB:0=10\n' } },
		);
		expect(error.message).toContain('has another schemata');
		expect(error.hint).toBe('it has L3:0=1 MB:0=10');
	});
});

it('is entered while the paths of the host are there, and removed only by who made it', () => {
	const { setup, init, teardown } = planOf({
		facts: { ...UNIFIED, resctrl: RESCTRL },
		change: spec => ({ ...spec, linux: { ...spec.linux, intelRdt: { schemata: ['L3:0=f'] } } }),
	});
	const isOurs = (path: string): boolean => path.startsWith('/sys/fs/resctrl');
	const made = only(setup, step => step.op === 'mkdir' && isOurs(step.path));
	expect(made).toBeLessThan(only(setup, isOp('clone3')));
	expect(only(init, step => step.op === 'write' && isOurs(step.path))).toBeLessThan(only(init, isOp('openRoot')));
	const removed = teardown.find(step => step.op === 'rmdir' && isOurs(step.path));
	expect(removed).toMatchObject({ after: made + 1 });
});
