// join-reports.mjs REPORT…: vitest's JSON reports of several runs as one, on standard output.
import { readFileSync } from 'node:fs';

function join(one, other) {
	if (typeof one === 'number') return one + other;
	if (typeof one === 'boolean') return one && other;
	return Array.isArray(one) ? [...one, ...other] : one;
}

const reports = process.argv.slice(2).map(path => JSON.parse(readFileSync(path, 'utf8')));
const joined = reports.reduce((all, next) =>
	Object.fromEntries(
		Object.entries(all).map(([key, value]) => [
			key,
			key === 'startTime' ? Math.min(value, next[key]) : join(value, next[key]),
		]),
	),
);
process.stdout.write(JSON.stringify(joined));
