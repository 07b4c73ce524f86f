const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units with three digits, as docker prints sizes: `12.3MB`. */
export function sizeText(bytes: number): string {
	const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
	return `${Number((bytes / 1000 ** power).toPrecision(3))}${UNITS[power]}`;
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Binary units with four digits, as docker prints memory: `1.207MiB`. */
export function binarySizeText(bytes: number): string {
	const power = Math.min(BINARY_UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
	return `${Number((bytes / 1024 ** power).toPrecision(4))}${BINARY_UNITS[power]}`;
}
