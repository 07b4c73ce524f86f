import { PERSONALITIES } from '../../oci/personality.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, requireWord } from './bad-config.ts';

/** No flag is defined (config-linux.md, "Personality"); those of personality(2) take protections away. */
export function checkPersonality(spec: RuntimeSpec): void {
	const personality = spec.linux?.personality;
	if (personality === undefined) return;
	const pointer = '/linux/personality';
	requireWord(personality.domain, PERSONALITIES, { pointer: `${pointer}/domain`, what: 'personality domain' });
	if ((personality.flags ?? []).length > 0) {
		throw badConfig(`${pointer}/flags`, 'the specification has no personality flags');
	}
}
