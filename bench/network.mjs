// What each kind of network costs one container of /bin/true, in a network namespace of the benchmark's own: bridges and nftables
// tables that it makes are gone with it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { interleave, makeStateDirectory, printTable, timeOnce } from './measure.mjs';
import { makeRootfs } from './run.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');
const INSIDE = 'TSRUN_BENCH_IN_OWN_NETWORK';

/** The same benchmark in a process with a network namespace of its own. */
function benchInside(rounds) {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	try {
		const json = join(dir, 'results.json');
		const bench = [join(import.meta.dirname, 'bench.mjs'), 'network', '--rounds', String(rounds), '--json', json];
		execFileSync('unshare', ['--net', process.execPath, ...bench], {
			stdio: 'inherit',
			env: { ...process.env, [INSIDE]: '1' },
		});
		return JSON.parse(readFileSync(json, 'utf8')).network;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** @returns what {@link interleave} gives */
export async function benchNetwork({ rounds = 25 } = {}) {
	if (process.env[INSIDE] === undefined) return benchInside(rounds);
	execFileSync('ip', ['link', 'set', 'lo', 'up']);
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	const state = makeStateDirectory();
	try {
		await makeRootfs(dir);
		const env = { ...process.env, TSRUN_ROOT: join(dir, 'root'), TSRUN_STATE: join(state, 'tsrun') };
		const run = (...network) => [TSRUN, 'run', '--rm', ...network, `oci:${join(dir, 'image')}:latest`, '/bin/true'];
		const contestants = {
			'node -e 0': [process.execPath, '-e', '0'],
			'--network none': run('--network', 'none'),
			'--network host': run('--network', 'host'),
			'--network bridge': run('--network', 'bridge'),
			'--network bridge -p 80': run('--network', 'bridge', '-p', '80'),
		};
		const results = interleave(contestants, { rounds, each: command => timeOnce(command, { env }) });
		printTable(`/bin/true in a container by its network, ${rounds} rounds`, results, '--network none');
		return results;
	} finally {
		for (const each of [dir, state]) rmSync(each, { recursive: true, force: true });
	}
}
