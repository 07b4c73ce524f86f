import { TsrunError } from '../../core/errors.ts';

/** Who gave an address, and what would happen there, in messages: `redirects to`. */
export interface Pointer {
	readonly subject: string;
	readonly host: string;
	readonly isInsecure: boolean;
	readonly words: string;
}

/**
 * An address that a registry gave, relative to where it was asked.
 * @throws TsrunError TSRUN_REGISTRY for an address without TLS where there was TLS, or that is none
 */
export function addressFrom(from: URL, location: string, { subject, host, isInsecure, words }: Pointer): URL {
	const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
	if (to === undefined || !['http:', 'https:'].includes(to.protocol)) {
		throw new TsrunError(
			'TSRUN_REGISTRY',
			`${subject}: registry ${host} ${words} ${JSON.stringify(location.slice(0, 100))}`,
		);
	}
	if (to.protocol === 'http:' && from.protocol === 'https:' && !isInsecure) {
		throw new TsrunError('TSRUN_REGISTRY', `${subject}: registry ${host} ${words} ${to.origin}, without TLS`);
	}
	return to;
}
