import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, pointerPart, shortly } from './bad-config.ts';

/** As the kernel has it (dev_valid_name): a name is a file of /sys/class/net. */
const isName = (name: string): boolean => /^[^\s/:]{1,15}$/.test(name) && name !== '.' && name !== '..';

/** config-linux.md, "Network Devices"; a new name may end in `%d`, for which the kernel puts a number. */
export function checkNetDevices({ linux }: RuntimeSpec): void {
	const devices = Object.entries(linux?.netDevices ?? {});
	if (devices.length === 0) return;
	if (!(linux?.namespaces ?? []).some(({ type }) => type === 'network')) {
		throw badConfig('/linux/netDevices', 'unable to move network devices without a NET namespace');
	}
	const seen = new Set<string>();
	for (const [name, { name: newName = name }] of devices) {
		const pointer = `/linux/netDevices${pointerPart(name)}`;
		if (!isName(name)) throw badConfig(pointer, `${shortly(name)} is no name of a network device`);
		if (!isName(newName)) throw badConfig(`${pointer}/name`, `${shortly(newName)} is no name of a network device`);
		if (seen.has(newName) && !newName.includes('%d'))
			throw badConfig(`${pointer}/name`, `${shortly(newName)} is given twice`);
		seen.add(newName);
	}
}
