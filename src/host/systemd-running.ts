import { lstatSync } from 'node:fs';

/** Whether systemd is the init of this host: sd_booted(3). */
export function isSystemdRunning(): boolean {
	return lstatSync('/run/systemd/system', { throwIfNoEntry: false })?.isDirectory() === true;
}
