// deal-files.mjs N [FILTER…]: the files of the tests that vitest's filters leave, dealt to N guests so that they end at about the
// same time; one line for each guest. Without a filter, the kernel tier but for what left-out.mjs names whole. A file counts as it
// took in the last run of the VM that left its report at build/reports/vm.json, else ten times what it took in the last `npm test`,
// and as long as it is where it has not run.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { WHOLE } from './left-out.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const [guests, ...filters] = process.argv.slice(2);

function listFiles() {
	const vitest = resolve(ROOT, 'node_modules/vitest/vitest.mjs');
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[vitest, 'list', '--filesOnly', ...(filters.length > 0 ? filters : ['test/kernel'])],
		{
			cwd: ROOT,
			encoding: 'utf8',
		},
	);
	if (status !== 0) throw new Error(`vitest list ended with ${status}\n${stderr}`);
	const files = [...new Set(stdout.split('\n').flatMap(line => line.match(/^(?:\[\w+\] )?(test\/.*)$/)?.[1] ?? []))];
	return filters.length > 0 ? files : files.filter(file => !WHOLE.some(entry => entry.file === file));
}

/** File → milliseconds, from the reports that are there. */
function readDurations() {
	const durations = new Map();
	for (const report of ['kernel', 'cli', 'peers', 'vm']) {
		const times = report === 'vm' ? 1 : 10;
		try {
			const { testResults } = JSON.parse(readFileSync(resolve(ROOT, `build/reports/${report}.json`), 'utf8'));
			for (const { name, startTime, endTime } of testResults)
				durations.set(relative(ROOT, name), times * (endTime - startTime));
		} catch {
			// not run yet
		}
	}
	return durations;
}

const durations = readDurations();
const hands = Array.from({ length: Number(guests) }, () => ({ cost: 0, files: [] }));
const weighed = listFiles().map(file => ({ file, cost: durations.get(file) ?? statSync(resolve(ROOT, file)).size }));
for (const { file, cost } of weighed.sort((a, b) => b.cost - a.cost)) {
	const hand = hands.reduce((least, next) => (next.cost < least.cost ? next : least));
	hand.files.push(file);
	hand.cost += cost;
}
for (const { files } of hands) if (files.length > 0) process.stdout.write(`${files.join(' ')}\n`);
