import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { NamespacePlan } from './namespaces.ts';
import type { Step } from './step.ts';

/** Host and domain name, which belong to the UTS namespace. */
export function nameSteps(spec: RuntimeSpec, namespaces: NamespacePlan): readonly Step[] {
	if (!namespaces.isOther('uts')) return [];
	const steps: Step[] = [];
	if (spec.hostname !== undefined)
		steps.push({
			op: 'sethostname',
			name: spec.hostname,
			phase: 'process',
			why: 'name the container',
			from: '/hostname',
		});
	if (spec.domainname !== undefined)
		steps.push({
			op: 'setdomainname',
			name: spec.domainname,
			phase: 'process',
			why: 'name its domain',
			from: '/domainname',
		});
	return steps;
}
