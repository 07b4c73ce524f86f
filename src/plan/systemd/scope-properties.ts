import type { UnitProperty } from './unit-property.ts';
import { flag, text } from './unit-property.ts';

export interface ScopeRequest {
	readonly id: string;
	readonly slice: string;
	/** The first process of the scope: systemd starts none without. */
	readonly pid: number;
	/** Whether block I/O is cgroup v1's. */
	readonly isLegacy: boolean;
	/** Of systemd. */
	readonly version: number;
	/** Limits and devices. */
	readonly limits: readonly UnitProperty[];
	/** What the container's annotations ask for; they have the last word. */
	readonly asked: readonly UnitProperty[];
}

/**
 * The scope of a container (systemd.scope(5)), as runc makes it: what is below it is the container's to arrange (Delegate), every
 * controller counts, and the shutdown of the host does not stop it ahead of its engine (DefaultDependencies). One that has failed
 * is forgotten too (CollectMode), so that nothing is left of a container whose tsrun was killed.
 */
export function scopeProperties(request: ScopeRequest): readonly UnitProperty[] {
	const { id, slice, pid, isLegacy, version, limits, asked } = request;
	const own: readonly UnitProperty[] = [
		text('Description', `libcontainer container ${id}`),
		text('Slice', slice),
		flag('Delegate', true),
		['PIDs', { signature: 'au', value: [pid] }],
		flag('MemoryAccounting', true),
		flag('CPUAccounting', true),
		flag(isLegacy ? 'BlockIOAccounting' : 'IOAccounting', true),
		flag('TasksAccounting', true),
		flag('DefaultDependencies', false),
		...(version >= COLLECT_MODE ? [text('CollectMode', 'inactive-or-failed')] : []),
	];
	const names = asked.map(([name]) => name);
	return [...[...own, ...limits].filter(([name]) => !names.includes(name)), ...asked];
}

/** The first version with it. */
const COLLECT_MODE = 236;
