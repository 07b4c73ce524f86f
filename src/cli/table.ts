/** Columns padded to their widest cell, three spaces apart, a newline after each row. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const all = [head, ...rows];
	const widths = head.map((_, column) => Math.max(...all.map(row => (row[column] ?? '').length)));
	return all
		.map(
			row =>
				`${row.map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('   ')}\n`,
		)
		.join('');
}
