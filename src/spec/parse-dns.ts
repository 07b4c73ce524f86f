import { badFlag } from './bad-flag.ts';
import { ipAddressKind } from './ip-address-kind.ts';

/** The address of a name server, as resolv.conf(5) takes it. @throws TsrunError TSRUN_BAD_FLAG */
export function parseDns(text: string): string {
	const address = text.trim();
	if (ipAddressKind(address) === undefined) {
		throw badFlag('--dns', text, { problem: 'is not an IP address', example: '--dns 9.9.9.9' });
	}
	return address;
}

/** A search domain; `.` alone stands for none. @throws TsrunError TSRUN_BAD_FLAG */
export function parseDnsSearch(text: string): string {
	const domain = text.trim();
	if (!/^(\.|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?)$/.test(domain) || domain.length > 255) {
		throw badFlag('--dns-search', text, { problem: 'is not a domain', example: '--dns-search example.com' });
	}
	return domain;
}

/** An option of resolv.conf(5): `ndots:2`. @throws TsrunError TSRUN_BAD_FLAG */
export function parseDnsOption(text: string): string {
	if (!/^[a-z0-9-]+(:\d+)?$/.test(text)) {
		throw badFlag('--dns-option', text, {
			problem: 'is not an option of resolv.conf',
			example: '--dns-option ndots:2',
		});
	}
	return text;
}
