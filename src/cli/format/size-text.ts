const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units with three digits, as docker prints sizes: `12.3MB`. */
export function sizeText(bytes: number): string {
	const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
	return `${Number((bytes / 1000 ** power).toPrecision(3))}${UNITS[power]}`;
}
