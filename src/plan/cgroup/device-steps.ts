import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { deviceProgram } from '../devices/device-program.ts';
import { deviceRulesV1 } from '../devices/device-rules-v1.ts';
import type { HostFacts } from '../host-facts.ts';
import type { Step } from '../step.ts';
import { below } from './cgroup-path.ts';
import { allowsEverything, deviceRules } from './default-device-rules.ts';
import { controllerMissing } from './place-controller.ts';

const FROM = '/linux/resources/devices';

/**
 * Device access: a v1 devices hierarchy where there is one, else a program on the cgroup2 directory. A host with neither is
 * refused, because the container could open every device of the host.
 */
export function deviceSteps(spec: RuntimeSpec, facts: HostFacts, path: string): readonly Step[] {
	// Root of a user namespace opens what its user may open.
	if (facts.cgroup.mode === 'denied') return [];
	const rules = deviceRules(spec.linux?.resources?.devices);
	const note = { from: FROM, phase: 'cgroup' } as const;
	const { hierarchies, unified } = facts.cgroup;
	const v1 = hierarchies.find(({ controllers }) => controllers.includes('devices'));
	if (v1 !== undefined) {
		const directory = below(v1.mountpoint, path);
		return deviceRulesV1(rules).map(({ file, data }) => ({
			op: 'write',
			path: `${directory}/${file}`,
			data,
			why: `${file === 'devices.deny' ? 'deny' : 'allow'} the devices ${data}`,
			...note,
		}));
	}
	if (unified === undefined) throw controllerMissing('devices', facts.cgroup, FROM);
	if (allowsEverything(rules)) return [];
	return [
		{
			op: 'attachDeviceProgram',
			cgroup: below(unified.mountpoint, path),
			program: deviceProgram(rules),
			why: `let the container use the devices of ${rules.length} rules and no other`,
			...note,
		},
	];
}
