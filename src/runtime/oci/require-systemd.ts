import { TsrunError } from '../../core/errors.ts';
import { isSystemdRunning } from '../../host/systemd-running.ts';

/**
 * Cgroups are made by the manager of the whole system, which takes orders from root.
 * @throws TsrunError TSRUN_NO_SYSTEMD, in runc's words; TSRUN_UNSUPPORTED
 */
export function requireSystemd(): void {
	if (!isSystemdRunning()) {
		throw new TsrunError(
			'TSRUN_NO_SYSTEMD',
			'systemd cgroup flag passed, but systemd support for managing cgroups is not available',
			{ hint: 'systemd is not the init of this host (no /run/systemd/system): use the cgroupfs driver', exitCode: 1 },
		);
	}
	if (process.geteuid?.() === 0) return;
	throw new TsrunError(
		'TSRUN_UNSUPPORTED',
		'the systemd cgroup driver needs root: tsrun does not ask a user’s systemd',
		{
			hint: 'leave out --systemd-cgroup',
			exitCode: 1,
		},
	);
}
