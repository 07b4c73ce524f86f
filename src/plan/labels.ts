import { TsrunError } from '../core/errors.ts';
import type { Process } from '../oci/runtime-spec.ts';
import type { ProcWrite } from './own-proc.ts';
import type { SpecFacts } from './spec-facts.ts';

/**
 * What the kernel labels the program with, at its execve(2) (config.md, "Linux Process": apparmorProfile, selinuxLabel). The keys of
 * the session get the label of the process as well, as under runc.
 * @throws TsrunError TSRUN_UNSUPPORTED where the host has no such security module
 */
export function labelWrites(
	{ apparmorProfile, selinuxLabel }: Process,
	{ appArmor, selinux }: SpecFacts,
): readonly ProcWrite[] {
	const writes: ProcWrite[] = [];
	if (selinuxLabel !== undefined) {
		requireSelinux(selinux, '/process/selinuxLabel', `label ${selinuxLabel}`);
		const label = { data: selinuxLabel, from: '/process/selinuxLabel' };
		writes.push(
			{ path: 'thread-self/attr/keycreate', why: 'SELinux labels the keys of its session', ...label },
			{ path: 'thread-self/attr/exec', why: 'SELinux labels the program when it begins', ...label },
		);
	}
	if (apparmorProfile !== undefined) {
		if (appArmor?.isEnabled !== true) {
			throw new TsrunError(
				'TSRUN_UNSUPPORTED',
				`config.json /process/apparmorProfile: profile ${apparmorProfile} cannot be applied, as AppArmor is not enabled on this host`,
				{
					hint: '/sys/module/apparmor/parameters/enabled does not say Y: leave the field out, or boot with apparmor=1',
				},
			);
		}
		writes.push({
			path: `thread-self/attr/${appArmor.hasOwnFiles ? 'apparmor/' : ''}exec`,
			data: `exec ${apparmorProfile}`,
			why: `AppArmor confines the program by ${apparmorProfile} when it begins`,
			from: '/process/apparmorProfile',
		});
	}
	return writes;
}

/** @throws TsrunError TSRUN_UNSUPPORTED */
export function requireSelinux(isEnabled: boolean | undefined, pointer: string, what: string): void {
	if (isEnabled === true) return;
	throw new TsrunError(
		'TSRUN_UNSUPPORTED',
		`config.json ${pointer}: selinux ${what} is specified in config, but selinux is disabled or not supported`,
		{ hint: 'no selinuxfs is mounted: leave the field out, or boot with SELinux' },
	);
}
