import { TsrunError } from '../core/errors.ts';
import type { IntelRdt, RuntimeSpec } from '../oci/runtime-spec.ts';
import { ERRNO } from './linux-constants.ts';
import { isSameSchemata } from './schemata.ts';
import type { ResctrlFacts, SpecFacts } from './spec-facts.ts';
import type { Step } from './step.ts';

export interface IntelRdtPlan {
	/** Host side, before the clone. */
	readonly setup: readonly Step[];
	/** Init, while the host's paths are there. */
	readonly init: readonly Step[];
	readonly teardown: readonly Step[];
}

const NONE: IntelRdtPlan = { setup: [], init: [], teardown: [] };

/**
 * The resource control group of the container (config-linux.md, "IntelRdt"): init enters it by writing 0, itself. A group with a
 * name is the administrator's and stays; one of the container's own, and its monitoring group, go with it.
 * @throws TsrunError TSRUN_UNSUPPORTED, TSRUN_BAD_CONFIG
 */
export function compileIntelRdt(spec: RuntimeSpec, facts: SpecFacts, id: string): IntelRdtPlan {
	const { resctrl } = facts;
	const rdt = spec.linux?.intelRdt;
	if (rdt === undefined) return NONE;
	if (resctrl === undefined) {
		throw new TsrunError(
			'TSRUN_UNSUPPORTED',
			'config.json /linux/intelRdt: intelRdt is specified in config, but Intel RDT is not enabled',
			{ hint: 'no resctrl is mounted: mount -t resctrl resctrl /sys/fs/resctrl, where CPU and kernel have it' },
		);
	}
	requireFeatures(rdt, resctrl);
	const { group, monitored } = placesOf(rdt, resctrl, id);
	const ofGroup = groupSteps(rdt, resctrl, group);
	return {
		setup: [
			...ofGroup,
			...(monitored === undefined ? [] : [directory(monitored, 'a group that counts for this container')]),
		],
		init: enterIntelRdt(spec, facts, id),
		teardown: [
			...(monitored === undefined ? [] : [removal(monitored)]),
			...(rdt.closID === undefined ? [removal(group)] : []),
		],
	};
}

/** Init, or a process that enters the container: it goes into the group by itself, while the host's paths are there. */
export function enterIntelRdt(
	{ linux }: Pick<RuntimeSpec, 'linux'>,
	{ resctrl }: SpecFacts,
	id: string,
): readonly Step[] {
	if (linux?.intelRdt === undefined || resctrl === undefined) return [];
	const { group, monitored } = placesOf(linux.intelRdt, resctrl, id);
	return [group, ...(monitored === undefined ? [] : [monitored])].map(path => ({
		op: 'write',
		path: `${path}/tasks`,
		data: '0',
		phase: 'cgroup',
		why: 'it enters the resource control group of the container',
		from: '/linux/intelRdt',
	}));
}

function placesOf(
	{ closID, enableMonitoring }: IntelRdt,
	{ mountpoint }: ResctrlFacts,
	id: string,
): { readonly group: string; readonly monitored: string | undefined } {
	const group = closID === '/' ? mountpoint : `${mountpoint}/${closID ?? id}`;
	return { group, monitored: enableMonitoring === true ? `${group}/mon_groups/${id}` : undefined };
}

function requireFeatures(rdt: IntelRdt, { features }: ResctrlFacts): void {
	const needed = [
		['l3CacheSchema', rdt.l3CacheSchema !== undefined, features.cache, 'CAT'],
		['memBwSchema', rdt.memBwSchema !== undefined, features.memoryBandwidth, 'MBA'],
		['enableMonitoring', rdt.enableMonitoring === true, features.monitoring, 'monitoring'],
	] as const;
	for (const [field, isAsked, isThere, name] of needed) {
		if (!isAsked || isThere) continue;
		throw new TsrunError(
			'TSRUN_UNSUPPORTED',
			`config.json /linux/intelRdt/${field}: intelRdt.${field} is specified in config, but Intel RDT/${name} is not enabled`,
		);
	}
}

function groupSteps(rdt: IntelRdt, { group }: ResctrlFacts, path: string): readonly Step[] {
	const lines = [rdt.l3CacheSchema, rdt.memBwSchema, ...(rdt.schemata ?? [])].filter(line => line !== undefined);
	const pointer = '/linux/intelRdt/closID';
	if (group !== undefined) {
		if (lines.length === 0 || isSameSchemata(lines, group.schemata)) return [];
		throw new TsrunError(
			'TSRUN_BAD_CONFIG',
			`config.json ${pointer}: group ${rdt.closID} exists and has another schemata than the configuration asks for`,
			{
				hint: `it has ${group.schemata
					.trim()
					.split(/\s*\n\s*/)
					.join(' ')}`,
			},
		);
	}
	if (rdt.closID !== undefined && lines.length === 0) {
		throw new TsrunError('TSRUN_BAD_CONFIG', `config.json ${pointer}: group ${rdt.closID} does not exist`, {
			hint: 'a group without schemata in the configuration must be there before',
		});
	}
	return [
		directory(path, 'a resource control group'),
		...(lines.length === 0
			? []
			: [
					{
						op: 'write',
						path: `${path}/schemata`,
						data: lines.map(line => `${line}\n`).join(''),
						phase: 'cgroup',
						why: 'what the group has of caches and memory bandwidth',
						from: '/linux/intelRdt',
					} satisfies Step,
				]),
	];
}

function directory(path: string, why: string): Step {
	return { op: 'mkdir', path, mode: 0o755, phase: 'cgroup', why, from: '/linux/intelRdt' };
}

function removal(path: string): Step {
	return {
		op: 'rmdir',
		path,
		tolerate: [ERRNO.ENOENT],
		phase: 'teardown',
		why: 'the resource control group ends with the container',
	};
}

/** A group that was there already is somebody else's: it is removed only once setup has come past the step that made it. */
export function onlyMade(teardown: readonly Step[], setup: readonly Step[]): readonly Step[] {
	return teardown.map(step => {
		const made = setup.findIndex(each => each.op === 'mkdir' && step.op === 'rmdir' && each.path === step.path);
		return { ...step, after: made + 1 };
	});
}
