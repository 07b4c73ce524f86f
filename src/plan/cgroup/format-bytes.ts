const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 67108864 → `64 MiB`: the largest unit that needs at most two decimals, and shows no number that it is not. */
export function formatBytes(bytes: number): string {
	for (let power = UNITS.length - 1; power > 0; power--) {
		const size = bytes / 1024 ** power;
		if (size >= 1 && Math.round(size * 100) === size * 100) return `${size} ${UNITS[power]}`;
	}
	return `${bytes} bytes`;
}
