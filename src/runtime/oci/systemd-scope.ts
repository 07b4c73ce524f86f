import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import { pidsBelow } from '../../host/cgroup-pids.ts';
import { holdPlace } from '../../native/hold-place.ts';
import { waitPid } from '../../native/wait-pid.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { deviceProperties } from '../../plan/systemd/device-properties.ts';
import { limitProperties } from '../../plan/systemd/limit-properties.ts';
import { scopeProperties } from '../../plan/systemd/scope-properties.ts';
import { resetFailedUnit, setUnitProperties, startTransientUnit, stopUnit } from '../../plan/systemd/systemd-call.ts';
import type { SystemdCgroup } from '../../plan/systemd/systemd-cgroup.ts';
import type { UnitProperty } from '../../plan/systemd/unit-property.ts';
import type { BundleState } from '../../state/container-state.ts';
import { openSystemdManager, type SystemdManager } from './systemd-manager.ts';

const UNIT_EXISTS = 'org.freedesktop.systemd1.UnitExists';
const NO_SUCH_UNIT = 'org.freedesktop.systemd1.NoSuchUnit';
const NOT_LOADED = 'org.freedesktop.DBus.Error.InvalidArgs';
/** A scope that its last process has left goes within this time. */
const GONE_MS = 2000;
const POLL_MS = 20;

export interface ScopeStart {
	readonly id: string;
	readonly cgroup: SystemdCgroup;
	readonly resources: Resources;
	/** What annotations ask for. */
	readonly asked: readonly UnitProperty[];
	/** Whether systemd keeps limits in cgroup v1. */
	readonly isLegacy: boolean;
	/** The cgroup below the scope, on the host, in which a process stands until init is there. */
	readonly place: string;
}

/**
 * Makes the scope of a container. systemd starts none without a process, and ends it with its last; so a child of this process
 * holds the place until the plan has brought init there and kills it. It dies with this process before that, and the scope with it.
 * @throws TsrunError TSRUN_UNIT_EXISTS, TSRUN_SYSTEMD
 */
export function startScope(start: ScopeStart): void {
	const manager = openSystemdManager();
	const pid = holdPlace();
	try {
		startUnit(manager, start, propertiesOf(start, { pid, version: manager.version }));
		attempt({ code: 'TSRUN_SYSTEMD', action: `make the cgroup ${start.place}` }, () => {
			mkdirSync(start.place);
			writeFileSync(join(start.place, 'cgroup.procs'), String(pid), { flag: 'r+' });
		});
	} catch (error) {
		process.kill(pid, 'SIGKILL');
		waitPid(pid);
		throw error;
	} finally {
		manager.close();
	}
}

function propertiesOf(
	{ id, cgroup, resources, asked, isLegacy }: ScopeStart,
	{ pid, version }: { readonly pid: number; readonly version: number },
): readonly UnitProperty[] {
	const devices = deviceProperties(resources.devices, version);
	const limits = [...devices, ...limitProperties(resources, { isLegacy, version })];
	return scopeProperties({ id, slice: cgroup.slice, pid, isLegacy, version, limits, asked });
}

/** A unit of the name may be what is left of a container that has ended, failed or was never there: one without a process goes. */
function startUnit(
	manager: SystemdManager,
	{ cgroup: { scope: unit }, place }: ScopeStart,
	properties: readonly UnitProperty[],
): void {
	const directory = dirname(place);
	const deadline = Date.now() + GONE_MS;
	for (;;) {
		const answer = manager.call(startTransientUnit(unit, properties), [UNIT_EXISTS]);
		if (answer.type === 'return') {
			requireDone(manager, unit, String(answer.body[0]));
			return;
		}
		if (Date.now() > deadline) throw unitExists(unit);
		manager.call(resetFailedUnit(unit), [NO_SUCH_UNIT, NOT_LOADED]);
		if (existsSync(directory) && pidsBelow(directory).length === 0) stopUnitOf(manager, unit);
		pause();
	}
}

function requireDone(manager: SystemdManager, unit: string, job: string): void {
	const result = manager.jobResult(job);
	if (result === 'done') return;
	manager.call(resetFailedUnit(unit), [NO_SUCH_UNIT, NOT_LOADED]);
	throw new TsrunError('TSRUN_SYSTEMD', `error creating systemd unit ${JSON.stringify(unit)}: got ${result}`, {
		hint: `journalctl -u ${unit} tells more`,
		exitCode: 1,
	});
}

function stopUnitOf(manager: SystemdManager, unit: string): void {
	const answer = manager.call(stopUnit(unit), [NO_SUCH_UNIT]);
	if (answer.type === 'return') manager.jobResult(String(answer.body[0]));
}

function unitExists(unit: string): TsrunError {
	return new TsrunError('TSRUN_UNIT_EXISTS', `systemd has a unit ${unit} already`, {
		hint: `systemctl status ${unit} shows whose it is; give the container another linux.cgroupsPath`,
		exitCode: 1,
	});
}

/**
 * Ends what is left of a container's scope. It may be gone: systemd removes one that is empty, and a systemd that is gone had its
 * own end.
 * @param hasBegun the plan: without that, the scope is its own only if nobody is in it
 */
export function stopScopeOf({ scope, cgroups }: BundleState, hasBegun: boolean): void {
	if (scope === undefined) return;
	const directory = cgroups.unified ?? cgroups['name=systemd'];
	if (directory === undefined || (!hasBegun && !becomesEmpty(directory))) return;
	const manager = openOrNone();
	if (manager === undefined) return;
	try {
		// Without its cgroup it has ended, and a unit of its name is another, in another slice.
		if (existsSync(directory)) stopUnitOf(manager, scope);
		manager.call(resetFailedUnit(scope), [NO_SUCH_UNIT, NOT_LOADED]);
	} finally {
		manager.close();
	}
}

/** Waits for the process in the place of init, which stays a moment after its maker. */
function becomesEmpty(directory: string): boolean {
	for (const deadline = Date.now() + GONE_MS; pidsBelow(directory).length > 0; pause()) {
		if (Date.now() > deadline) return false;
	}
	return true;
}

const pause = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);

function openOrNone(): SystemdManager | undefined {
	try {
		return openSystemdManager();
	} catch (error) {
		if (error instanceof TsrunError) return undefined;
		throw error;
	}
}

/** Tells systemd of other limits. */
export function updateScope(scope: string, resources: Resources, isLegacy: boolean): void {
	const manager = openSystemdManager();
	try {
		const properties = limitProperties(resources, { isLegacy, version: manager.version });
		if (properties.length > 0) manager.call(setUnitProperties(scope, properties));
	} finally {
		manager.close();
	}
}
