import { badFlag } from './bad-flag.ts';

/**
 * The fields of one line of comma-separated values (RFC 4180): a field in double quotes may hold commas, `""` in it is one
 * quote.
 * @throws TsrunError TSRUN_BAD_FLAG when a quote is not closed or stands in the middle of a field
 */
export function splitCsv(flag: string, text: string): readonly string[] {
	const fields: string[] = [];
	let rest = text;
	for (;;) {
		const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(rest);
		if (match === null) throw badFlag(flag, text, { problem: 'has a quote that does not enclose a whole field' });
		fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
		if (match[3] === '') return fields;
		rest = rest.slice(match[0].length);
	}
}
