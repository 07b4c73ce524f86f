// create, start and delete of /bin/true by the OCI command line, as containerd and conmon call it: tsrun beside runc and crun on the
// same bundle, and `node -e 0` as what the engine alone costs for each command.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isInPath, makeStateDirectory, median, printTable } from './measure.mjs';
import { makeRootfs, writeBundle } from './run.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');
const PHASES = ['create', 'start', 'delete'];

/** Milliseconds of one command. The streams are nobody's: a container that goes on would keep a pipe open. */
function timed(command, args) {
	const began = process.hrtime.bigint();
	const { status } = spawnSync(command, args, { stdio: 'ignore' });
	const ms = Number(process.hrtime.bigint() - began) / 1e6;
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
	return ms;
}

function lifecycle({ command, root }, bundle, id) {
	const global = ['--root', root];
	const create = timed(command, [...global, 'create', '--bundle', bundle, id]);
	const start = timed(command, [...global, 'start', id]);
	return { create, start, delete: timed(command, [...global, 'delete', '--force', id]) };
}

const summary = values => {
	const sorted = values.toSorted((a, b) => a - b);
	const at = q => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
	return { median: median(values), p25: at(0.25), p75: at(0.75), min: sorted[0], rounds: values.length };
};

export async function benchLifecycle({ rounds = 25 } = {}) {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	const state = makeStateDirectory();
	try {
		await makeRootfs(dir);
		const bundle = writeBundle(dir);
		const missing = ['runc'].filter(name => !isInPath(name));
		const runtimes = [
			{ name: 'tsrun', command: TSRUN, root: join(state, 'tsrun') },
			...(missing.includes('runc') ? [] : [{ name: 'runc', command: 'runc', root: join(state, 'runc') }]),
		];
		for (const { root } of runtimes) mkdirSync(root, { mode: 0o700 });
		const times = Object.fromEntries([...runtimes.map(({ name }) => name), 'node -e 0'].map(name => [name, []]));
		for (let round = -2; round < rounds; round++) {
			for (const runtime of round % 2 === 0 ? runtimes : runtimes.toReversed()) {
				const taken = lifecycle(runtime, bundle, `bench-${round + 2}`);
				if (round >= 0) times[runtime.name].push(taken);
			}
			if (round >= 0) times['node -e 0'].push(timed(process.execPath, ['-e', '0']));
		}
		const results = Object.fromEntries(
			runtimes.flatMap(({ name }) => [
				...PHASES.map(phase => [`${name} ${phase}`, summary(times[name].map(each => each[phase]))]),
				[`${name} in all`, summary(times[name].map(each => each.create + each.start + each.delete))],
			]),
		);
		results['node -e 0'] = summary(times['node -e 0']);
		const reference = missing.includes('runc') ? 'node -e 0' : 'runc in all';
		printTable(`create, start and delete of /bin/true, ${rounds} rounds`, results, reference);
		for (const name of missing) process.stdout.write(`missing: ${name}\n`);
		return { results, missing };
	} finally {
		for (const each of [dir, state]) rmSync(each, { recursive: true, force: true });
	}
}
