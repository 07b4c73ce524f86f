import type { Variant } from '../dbus/dbus-value.ts';

/** A property of a unit as StartTransientUnit and SetUnitProperties take it (org.freedesktop.systemd1(5)): `(sv)`. */
export type UnitProperty = readonly [name: string, value: Variant];

/** systemd's "infinity", in bytes, tasks and microseconds alike. */
export const INFINITY = 2n ** 64n - 1n;

export const flag = (name: string, value: boolean): UnitProperty => [name, { signature: 'b', value }];
export const text = (name: string, value: string): UnitProperty => [name, { signature: 's', value }];
export const amount = (name: string, value: bigint): UnitProperty => [name, { signature: 't', value }];
