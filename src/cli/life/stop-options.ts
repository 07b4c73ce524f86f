import { badFlag } from '../../spec/bad-flag.ts';
import { parseInteger } from '../../spec/parse-integer.ts';
import { parseSignal } from '../../spec/parse-signal.ts';

/** @throws TsrunError TSRUN_BAD_FLAG */
export function signalOf(flag: string, text: string | undefined): { readonly signal?: number } {
	if (text === undefined) return {};
	const signal = parseSignal(text);
	if (signal === undefined) throw badFlag(flag, text, { problem: 'is not a signal', example: `${flag} SIGINT` });
	return { signal };
}

/** @throws TsrunError TSRUN_BAD_FLAG */
export function secondsOf(flag: string, text: string | undefined): { readonly seconds?: number } {
	return text === undefined ? {} : { seconds: parseInteger(flag, text, { min: -1, max: 0x7fff_ffff, example: '10' }) };
}
