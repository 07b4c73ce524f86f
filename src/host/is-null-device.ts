import { fstatSync } from 'node:fs';

/** 1:3 as st_rdev tells it (null(4)). */
const NULL_DEVICE = 0x103;

/** Whether a descriptor is the null device; false where it is closed. */
export function isNullDevice(fd: number): boolean {
	try {
		const status = fstatSync(fd);
		return status.isCharacterDevice() && status.rdev === NULL_DEVICE;
	} catch {
		return false;
	}
}
