import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { badConfig, shortly } from './validate/bad-config.ts';
import { checkDeviceRules, checkDevices } from './validate/check-devices.ts';
import { checkHooks } from './validate/check-hooks.ts';
import { checkIntelRdt } from './validate/check-intel-rdt.ts';
import { checkLabels } from './validate/check-labels.ts';
import { checkMemoryPolicy } from './validate/check-memory-policy.ts';
import { checkHiddenPaths, checkMounts, checkRoot, checkRootfsPropagation } from './validate/check-mounts.ts';
import {
	checkMappings,
	checkNames,
	checkNamespaces,
	checkSysctls,
	checkTimeOffsets,
} from './validate/check-namespaces.ts';
import { checkNetDevices } from './validate/check-net-devices.ts';
import { checkEnvironment, checkProcess, checkRlimits } from './validate/check-payload.ts';
import { checkPersonality } from './validate/check-personality.ts';
import { checkCgroupsPath, checkCpusets, checkHugepages, checkUnified } from './validate/check-resources.ts';
import { checkExecAffinity, checkIoPriority, checkScheduler } from './validate/check-scheduling.ts';

type Check = (spec: RuntimeSpec) => void;

const CHECKS: readonly Check[] = [
	checkVersion,
	checkRoot,
	checkProcess,
	checkEnvironment,
	checkRlimits,
	checkScheduler,
	checkIoPriority,
	checkExecAffinity,
	checkNamespaces,
	checkNames,
	checkMappings,
	checkSysctls,
	checkTimeOffsets,
	checkPersonality,
	checkLabels,
	checkIntelRdt,
	checkNetDevices,
	checkMemoryPolicy,
	checkMounts,
	checkHiddenPaths,
	checkRootfsPropagation,
	checkDevices,
	checkDeviceRules,
	checkCgroupsPath,
	checkCpusets,
	checkHugepages,
	checkUnified,
	checkHooks,
];

/**
 * Each rule that the specification or the kernel has and that types do not say. What depends on the host is left to the plan compiler.
 * @throws TsrunError TSRUN_BAD_CONFIG with the JSON pointer of the field
 */
export function checkSpec(spec: RuntimeSpec): void {
	for (const check of CHECKS) check(spec);
}

function checkVersion({ ociVersion }: RuntimeSpec): void {
	if (/^1(\.\d{1,4}){0,2}([-+][0-9A-Za-z.+-]{1,64})?$/.test(ociVersion)) return;
	throw badConfig('/ociVersion', `${shortly(ociVersion)} is not a version 1 of the specification`);
}
