/** More CPUs or nodes than Linux can have; a list with a number above is not spelled out (CVE-2018-20699). */
const LARGEST = 8191;

/** A list of CPUs or memory nodes as systemd takes it: bytes, of which bit 0 of the first is number 0; undefined: it is none. */
export function bitSet(list: string): Uint8Array | undefined {
	const ranges = list
		.split(',')
		.map(range => range.trim())
		.filter(range => range !== '')
		.map(range => /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range));
	const numbers = ranges.flatMap(range => {
		const first = Number(range?.[1] ?? Number.NaN);
		const last = Number(range?.[2] ?? first);
		return first <= last && last <= LARGEST ? [[first, last] as const] : [];
	});
	if (numbers.length === 0 || numbers.length < ranges.length) return undefined;
	const bytes = new Uint8Array((Math.max(...numbers.map(([, last]) => last)) >> 3) + 1);
	for (const [first, last] of numbers) {
		for (let number = first; number <= last; number++)
			bytes[number >> 3] = (bytes[number >> 3] ?? 0) | (1 << (number & 7));
	}
	return bytes;
}
