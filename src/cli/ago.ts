const UNITS: readonly (readonly [seconds: number, name: string])[] = [
	[31_536_000, 'year'],
	[2_592_000, 'month'],
	[604_800, 'week'],
	[86_400, 'day'],
	[3_600, 'hour'],
	[60, 'minute'],
	[1, 'second'],
];

/** How long ago a time (ISO 8601) was, in its largest whole unit: `3 minutes ago`. */
export function ago(time: string, now: number): string {
	const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
	const unit = UNITS.find(([size]) => seconds >= size);
	if (unit === undefined) return 'just now';
	const count = Math.floor(seconds / unit[0]);
	return `${count} ${unit[1]}${count === 1 ? '' : 's'} ago`;
}
