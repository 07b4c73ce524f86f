import { badFlag } from './bad-flag.ts';

/** sethostname(2): HOST_NAME_MAX. */
const MAX_LENGTH = 64;

/**
 * A host or domain name that can stand in /etc/hosts. Underscores pass, as docker lets them.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseHostname(flag: '--hostname' | '--domainname', text: string): string {
	const example = flag === '--hostname' ? '--hostname web-1' : '--domainname example.com';
	if (text.length > MAX_LENGTH)
		throw badFlag(flag, text, { problem: `is longer than ${MAX_LENGTH} characters`, example });
	if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text)) {
		throw badFlag(flag, text, { problem: 'is not a name of letters, digits, - and .', example });
	}
	return text;
}
