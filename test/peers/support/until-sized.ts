/** Words of a shell that wait for the terminal's size, then print it: an engine sets it a moment after the program has started. */
export function untilSized(rows: number, columns: number): string {
	const size = `${rows} ${columns}`;
	return `until [ "$(stty size 2>/dev/null)" = "${size}" ]; do sleep 0.1; done; echo "${size}"`;
}
