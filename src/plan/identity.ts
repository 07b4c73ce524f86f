import { TsrunError } from '../core/errors.ts';
import type { Process, Rlimit } from '../oci/runtime-spec.ts';
import type { CapabilityMasks } from './capabilities.ts';
import { PR, RLIMITS } from './linux-constants.ts';
import type { Step } from './step.ts';

const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

export function compileRlimits(rlimits: readonly Rlimit[]): readonly Step[] {
	return rlimits.map(({ type, soft, hard }, index) => {
		const resource = Object.hasOwn(RLIMITS, type) ? RLIMITS[type] : undefined;
		if (resource === undefined) {
			throw new TsrunError(
				'TSRUN_BAD_CONFIG',
				`config.json /process/rlimits/${index}/type: ${JSON.stringify(type)} is no resource limit`,
			);
		}
		return {
			op: 'rlimit',
			resource,
			soft: rlimitValue(soft),
			hard: rlimitValue(hard),
			phase: 'identity',
			why: `limit ${type}`,
			from: `/process/rlimits/${index}`,
		};
	});
}

/** JSON has no exact 2^64-1, the value that stands for "unlimited"; whatever rounds to it or is -1 means it. */
function rlimitValue(value: number): bigint {
	return value < 0 || value >= 2 ** 63 ? RLIM_INFINITY : BigInt(value);
}

/**
 * From root to the process's own user, in the only order that works: what needs privileges first, ids while capabilities are
 * kept, the final sets last (capabilities(7), "Effect of user ID changes on capabilities").
 */
export function compileIdentity(process: Process, capabilities: CapabilityMasks): readonly Step[] {
	const { uid, gid, additionalGids = [] } = process.user;
	const groups = new Uint8Array(Uint32Array.from(additionalGids).buffer);
	const from = '/process/capabilities';
	const steps: Step[] = [
		{
			op: 'dropBounding',
			keep: capabilities.bounding,
			phase: 'identity',
			why: 'no program can ever gain what is outside this set',
			from: `${from}/bounding`,
		},
		{
			op: 'prctl',
			option: PR.SET_KEEPCAPS,
			arg2: 1,
			arg3: 0,
			phase: 'identity',
			why: 'keep the permitted set over the change of user',
		},
		{
			op: 'setgroups',
			groups,
			phase: 'identity',
			why: 'exactly these supplementary groups, none of the caller’s',
			from: '/process/user/additionalGids',
		},
		{ op: 'setresgid', gid, phase: 'identity', why: `become group ${gid}`, from: '/process/user/gid' },
		{ op: 'setresuid', uid, phase: 'identity', why: `become user ${uid}`, from: '/process/user/uid' },
		{
			op: 'prctl',
			option: PR.SET_KEEPCAPS,
			arg2: 0,
			arg3: 0,
			phase: 'identity',
			why: 'later changes of user drop capabilities again',
		},
		{
			op: 'capset',
			effective: capabilities.effective,
			permitted: capabilities.permitted,
			inheritable: capabilities.inheritable,
			phase: 'identity',
			why: 'the capabilities of the configuration and no others',
			from,
		},
	];
	if (capabilities.ambient !== 0n) {
		steps.push({
			op: 'raiseAmbient',
			set: capabilities.ambient,
			phase: 'identity',
			why: 'capabilities that survive execve',
			from: `${from}/ambient`,
		});
	}
	return steps;
}
