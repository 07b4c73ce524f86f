import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';
import { pathProblem } from './path-problem.ts';

/** Device numbers are 12 and 20 bits (makedev(3)). */
const MAX = { major: 0xfff, minor: 0xf_ffff } as const;

export function checkDevices(spec: RuntimeSpec): void {
	for (const [index, device] of (spec.linux?.devices ?? []).entries()) {
		const pointer = `/linux/devices/${index}`;
		const problem = pathProblem(device.path);
		if (problem !== undefined) throw badConfig(`${pointer}/path`, `${shortly(device.path)} ${problem}`);
		// the type bits belong to `type`; some tools write them into fileMode as well
		if (device.fileMode !== undefined && device.fileMode > 0o177777) {
			throw badConfig(`${pointer}/fileMode`, `${device.fileMode} is no file mode`);
		}
		if (device.type === 'p') continue;
		for (const part of ['major', 'minor'] as const) {
			const number = device[part];
			if (number === undefined)
				throw badConfig(`${pointer}/${part}`, `is required for type ${device.type} and missing`);
			if (number < 0 || number > MAX[part]) {
				throw badConfig(`${pointer}/${part}`, `expected 0 to ${MAX[part]}, got ${number}`);
			}
		}
	}
}

export function checkDeviceRules(spec: RuntimeSpec): void {
	for (const [index, { access }] of (spec.linux?.resources?.devices ?? []).entries()) {
		// an `a` beside them says nothing: runc takes it, and so do configurations made for it
		if (access !== undefined && access !== '' && !/^(?=.*[rwm])[rwma]{1,3}$/.test(access)) {
			throw badConfig(`/linux/resources/devices/${index}/access`, `${shortly(access)} is not some of rwm`);
		}
	}
}
