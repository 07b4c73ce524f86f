/** A bit for each number of a list (cpuset(7), "List format"), as cpu_set_t and node masks are: words of 64 bits, little endian. */
export function bitMask(list: string): Uint8Array {
	const ranges = list
		.split(',')
		.filter(part => part !== '')
		.map(part => {
			const [first = 0, last = first] = part.split('-').map(Number);
			return { first, last };
		});
	const largest = Math.max(-1, ...ranges.map(({ last }) => last));
	const bytes = new Uint8Array(8 * Math.ceil((largest + 1) / 64));
	for (const { first, last } of ranges) {
		for (let number = first; number <= last; number++) {
			const at = Math.floor(number / 8);
			bytes[at] = (bytes[at] ?? 0) | (1 << (number % 8));
		}
	}
	return bytes;
}
