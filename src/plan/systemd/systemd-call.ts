import type { DbusValue } from '../dbus/dbus-value.ts';
import type { UnitProperty } from './unit-property.ts';

/** A method of systemd's manager, or of the bus itself. */
export interface BusCall {
	readonly destination: string;
	readonly path: string;
	readonly interface: string;
	readonly member: string;
	readonly signature: string;
	readonly body: readonly DbusValue[];
}

export const SYSTEMD = 'org.freedesktop.systemd1';
export const SYSTEMD_PATH = '/org/freedesktop/systemd1';
export const MANAGER = 'org.freedesktop.systemd1.Manager';
const BUS = 'org.freedesktop.DBus';

/** What waits in the queue for the same unit gives way. */
const REPLACE = 'replace';

const manager = (member: string, signature: string, body: readonly DbusValue[]): BusCall => ({
	destination: SYSTEMD,
	path: SYSTEMD_PATH,
	interface: MANAGER,
	member,
	signature,
	body,
});

/** org.freedesktop.systemd1(5). Jobs answer with their object path; `JobRemoved` tells how they ended. */
export const startTransientUnit = (unit: string, properties: readonly UnitProperty[]): BusCall =>
	manager('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, REPLACE, properties, []]);

/** At runtime: nothing is kept for the next boot. */
export const setUnitProperties = (unit: string, properties: readonly UnitProperty[]): BusCall =>
	manager('SetUnitProperties', 'sba(sv)', [unit, true, properties]);

export const stopUnit = (unit: string): BusCall => manager('StopUnit', 'ss', [unit, REPLACE]);
export const resetFailedUnit = (unit: string): BusCall => manager('ResetFailedUnit', 's', [unit]);

/** Without it systemd sends no signals. */
export const subscribe = (): BusCall => manager('Subscribe', '', []);

export const managerVersion = (): BusCall => ({
	...manager('Get', 'ss', [MANAGER, 'Version']),
	interface: 'org.freedesktop.DBus.Properties',
});

const bus = (member: string, signature: string, body: readonly DbusValue[]): BusCall => ({
	destination: BUS,
	path: '/org/freedesktop/DBus',
	interface: BUS,
	member,
	signature,
	body,
});

/** First of all on a bus; not where systemd is spoken to directly. */
export const hello = (): BusCall => bus('Hello', '', []);

export const watchJobs = (): BusCall =>
	bus('AddMatch', 's', [`type='signal',sender='${SYSTEMD}',interface='${MANAGER}',member='JobRemoved'`]);

/** `252.38-1~deb12u1` or `v245.4-1.fc32` → 252, 245; 0 where it is no version. */
export function parseSystemdVersion(text: string): number {
	return Number(/^v?(\d{1,5})/.exec(text)?.[1] ?? 0);
}
