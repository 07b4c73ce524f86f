import { TsrunError } from '../core/errors.ts';

/** A layer whose content is refused. */
export function badLayer(
	fault: string,
	options: { readonly hint?: string; readonly cause?: unknown } = {},
): TsrunError {
	return new TsrunError('TSRUN_BAD_LAYER', `layer ${fault}`, options);
}

/** A name from a layer, for a message: its bytes are held as latin-1. */
export function shown(name: string): string {
	const text = Buffer.from(name, 'latin1').toString('utf8');
	return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}…` : text);
}
