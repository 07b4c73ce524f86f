import { expect, it } from 'vitest';
import { printRows } from '../../../../src/cli/format/print-rows.ts';
import { sizeText } from '../../../../src/cli/format/size-text.ts';

const columns = [
	{ field: 'ID', head: 'IMAGE ID' },
	{ field: 'Tag', head: 'TAG' },
	{ field: 'Size', head: 'SIZE' },
] as const;
const rows = [
	{ ID: 'abc', Tag: 'latest', Size: '1B' },
	{ ID: 'de', Tag: '1', Size: '20MB' },
];
const print = (format?: string): string => printRows(rows, { format, columns, shown: ['Tag', 'ID'] });

it.each([
	[undefined, 'TAG      IMAGE ID\nlatest   abc\n1        de\n'],
	['table', 'TAG      IMAGE ID\nlatest   abc\n1        de\n'],
	['json', '{"ID":"abc","Tag":"latest","Size":"1B"}\n{"ID":"de","Tag":"1","Size":"20MB"}\n'],
	['{{.ID}}:{{.Tag}}', 'abc:latest\nde:1\n'],
	['{{.ID}}\\t{{.Tag}}', 'abc\tlatest\nde\t1\n'],
	['table {{.Size}}\\t{{.ID}}', 'SIZE   IMAGE ID\n1B     abc\n20MB   de\n'],
	['{{json .}}', '{"ID":"abc","Tag":"latest","Size":"1B"}\n{"ID":"de","Tag":"1","Size":"20MB"}\n'],
])('rows as %s', (format, expected) => {
	expect(print(format)).toBe(expected);
});

it.each([
	[0, '0B'],
	[999, '999B'],
	[1000, '1kB'],
	[123_456, '123kB'],
	[7_654_321, '7.65MB'],
	[5e9, '5GB'],
	[4e15, '4PB'],
	[4e18, '4000PB'],
])('%d bytes as %s', (bytes, expected) => {
	expect(sizeText(bytes)).toBe(expected);
});
