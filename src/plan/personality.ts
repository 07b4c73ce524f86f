import { PERSONALITIES } from '../oci/personality.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { Step } from './step.ts';

/** What uname(2) says the machine is (config-linux.md, "Personality"). */
export function compilePersonality({ linux }: RuntimeSpec): readonly Step[] {
	const domain = linux?.personality?.domain;
	if (domain === undefined) return [];
	return [
		{
			op: 'personality',
			persona: PERSONALITIES[domain] ?? 0,
			phase: 'process',
			why: `the execution domain ${domain}`,
			from: '/linux/personality',
		},
	];
}
