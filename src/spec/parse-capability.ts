import { CAPABILITIES } from '../oci/capabilities.ts';
import { badFlag } from './bad-flag.ts';

/** `ALL`, or a capability in any case, with or without `CAP_`, as its full name. @throws TsrunError TSRUN_BAD_FLAG */
export function parseCapability(flag: '--cap-add' | '--cap-drop', text: string): string {
	const upper = text.toUpperCase();
	if (upper === 'ALL' || upper === 'CAP_ALL') return 'ALL';
	const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
	if (!(CAPABILITIES as readonly string[]).includes(name)) {
		throw badFlag(flag, text, { problem: 'is not a capability', example: `${flag} NET_ADMIN` });
	}
	return name;
}
