import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Milliseconds of one run of a command; it must end with 0. */
export function timeOnce([command, ...args], options = {}) {
	const began = process.hrtime.bigint();
	const { status, stderr, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
	const ms = Number(process.hrtime.bigint() - began) / 1e6;
	if (error !== undefined) throw error;
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
	return ms;
}

export function median(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const quantile = (values, q) =>
	values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

/**
 * Runs each contestant once in every round, in alternating order, so that a slow moment of the machine meets all of them.
 * @returns minima, medians and quartiles in milliseconds, by name
 */
export function interleave(contestants, { rounds, warmups = 2, each = timeOnce }) {
	const names = Object.keys(contestants);
	const times = Object.fromEntries(names.map(name => [name, []]));
	for (let round = -warmups; round < rounds; round++) {
		for (const name of round % 2 === 0 ? names : names.toReversed()) {
			const ms = each(contestants[name], name);
			if (round >= 0) times[name].push(ms);
		}
	}
	return Object.fromEntries(
		names.map(name => [
			name,
			{
				min: Math.min(...times[name]),
				median: median(times[name]),
				p25: quantile(times[name], 0.25),
				p75: quantile(times[name], 0.75),
				rounds,
			},
		]),
	);
}

const cell = value => value.toFixed(1).padStart(9);

export function printTable(title, results, reference) {
	process.stdout.write(
		`\n${title}\n${'min'.padStart(9)}${'median'.padStart(9)}${'p25'.padStart(9)}${'p75'.padStart(9)}${'ratio'.padStart(9)}   ms, ratio to ${reference}\n`,
	);
	for (const [name, { min, median: middle, p25, p75 }] of Object.entries(results)) {
		const ratio = (middle / results[reference].median).toFixed(2).padStart(9);
		process.stdout.write(`${cell(min)}${cell(middle)}${cell(p25)}${cell(p75)}${ratio}   ${name}\n`);
	}
}

export const isInPath = command => spawnSync('sh', ['-c', 'command -v "$1" >/dev/null', 'sh', command]).status === 0;

/** For the state of runtimes: in memory where the machine has a place for that, as /run is on most, though not on every one. */
export function makeStateDirectory() {
	return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tsrun-bench-'));
}
