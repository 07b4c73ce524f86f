import { table } from '../table.ts';
import { type Nodes, parseTemplate } from './parse-template.ts';
import { runTemplate } from './run-template.ts';

/** One field of a list: its name in templates and JSON, and its head in tables. */
export interface Column<Field extends string> {
	readonly field: Field;
	readonly head: string;
}

export type Row<Field extends string> = Readonly<Record<Field, string>>;

export interface RowFormat<Field extends string> {
	/** `--format`: `json`, `table`, `table TEMPLATE`, or a template for each row. */
	readonly format: string | undefined;
	readonly columns: readonly Column<Field>[];
	/** What a table shows unless told. */
	readonly shown: readonly Field[];
}

/**
 * Rows as docker prints them.
 * @throws TsrunError TSRUN_BAD_FORMAT
 */
export function printRows<Field extends string>(
	rows: readonly Row<Field>[],
	{ format = 'table', columns, shown }: RowFormat<Field>,
): string {
	if (format === 'json') return rows.map(row => `${JSON.stringify(row)}\n`).join('');
	const heads = Object.fromEntries(columns.map(({ field, head }) => [field, head]));
	if (format === 'table') {
		return table(
			shown.map(field => heads[field] ?? ''),
			rows.map(row => shown.map(field => row[field])),
		);
	}
	const isTable = /^table\s/.test(format);
	const template = parseTemplate(unescapeFormat(isTable ? format.replace(/^table\s+/, '') : format));
	const fields = columns.map(({ field }) => field);
	const line = (nodes: Nodes, row: unknown): string => runTemplate(nodes, row, fields);
	if (!isTable) return rows.map(row => `${line(template, row)}\n`).join('');
	const [head = [], ...cells] = [heads, ...rows].map(row => line(template, row).split('\t'));
	return table(head, cells);
}

/** A shell hands `\t` and `\n` on as they are. */
export function unescapeFormat(format: string): string {
	return format.replace(/\\([tn])/g, (_, letter: string) => (letter === 't' ? '\t' : '\n'));
}
