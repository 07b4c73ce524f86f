import { existsSync, readFileSync } from 'node:fs';
import type { AppArmorFacts } from '../plan/spec-facts.ts';
import { parseMountinfo } from './parse-mountinfo.ts';

export function readAppArmor(): AppArmorFacts {
	const parameter = '/sys/module/apparmor/parameters/enabled';
	return {
		isEnabled: existsSync(parameter) && readFileSync(parameter, 'latin1').startsWith('Y'),
		hasOwnFiles: existsSync('/proc/self/attr/apparmor'),
	};
}

/** As libselinux tells: its file system is mounted only where a policy can be loaded. */
export function readSelinux(): boolean {
	return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).some(({ type }) => type === 'selinuxfs');
}
