const HOUR = 3_600_000;
const DAY = 24;

/** A duration in milliseconds as docker says it: `Less than a second`, `About a minute`, `3 weeks`. */
export function lasting(milliseconds: number): string {
	const seconds = Math.floor(milliseconds / 1000);
	const minutes = Math.floor(seconds / 60);
	const hours = Math.floor(milliseconds / HOUR + 0.5);
	if (seconds < 1) return 'Less than a second';
	if (seconds === 1) return '1 second';
	if (seconds < 60) return `${seconds} seconds`;
	if (minutes === 1) return 'About a minute';
	if (minutes < 60) return `${minutes} minutes`;
	if (hours === 1) return 'About an hour';
	if (hours < 2 * DAY) return `${hours} hours`;
	if (hours < 14 * DAY) return `${Math.floor(hours / DAY)} days`;
	if (hours < 60 * DAY) return `${Math.floor(hours / DAY / 7)} weeks`;
	if (hours < 730 * DAY) return `${Math.floor(hours / DAY / 30)} months`;
	return `${Math.floor(milliseconds / HOUR / DAY / 365)} years`;
}
