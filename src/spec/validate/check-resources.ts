import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { cpusetProblem } from '../cpuset-problem.ts';
import { badConfig, pointerPart, shortly } from './bad-config.ts';

/** A path that climbs out would move, freeze and kill processes that are not the container's. */
export function checkCgroupsPath(spec: RuntimeSpec): void {
	const path = spec.linux?.cgroupsPath;
	if (path === undefined || path === '') return;
	const pointer = '/linux/cgroupsPath';
	if (path.split(/[/:]/).some(part => part === '..' || part === '.')) {
		throw badConfig(pointer, `${shortly(path)} has a part "." or ".."`);
	}
	if (/[\n\r]/.test(path)) throw badConfig(pointer, `${shortly(path)} has a line break`);
	if (Buffer.byteLength(path) > 2048) throw badConfig(pointer, 'is longer than 2048 bytes');
}

export function checkCpusets(spec: RuntimeSpec): void {
	for (const field of ['cpus', 'mems'] as const) {
		const list = spec.linux?.resources?.cpu?.[field];
		if (list === undefined || list === '') continue;
		const problem = cpusetProblem(list.trim());
		if (problem !== undefined) throw badConfig(`/linux/resources/cpu/${field}`, `${shortly(list)} ${problem}`);
	}
}

export function checkHugepages(spec: RuntimeSpec): void {
	for (const [index, { pageSize }] of (spec.linux?.resources?.hugepageLimits ?? []).entries()) {
		if (!/^[1-9]\d{0,6}[KMG]B$/.test(pageSize)) {
			throw badConfig(`/linux/resources/hugepageLimits/${index}/pageSize`, `${shortly(pageSize)} is not like 2MB`);
		}
	}
}

/** Each key becomes the name of a file in the container's cgroup directory. */
export function checkUnified(spec: RuntimeSpec): void {
	for (const key of Object.keys(spec.linux?.resources?.unified ?? {})) {
		if (!/^[a-z0-9_]+(\.[A-Za-z0-9_]+)+$/.test(key)) {
			throw badConfig(`/linux/resources/unified${pointerPart(key)}`, `${shortly(key)} is no file of a cgroup`);
		}
	}
}
