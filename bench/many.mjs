// Containers that do nothing, up to a thousand at once: what each start, `ps` and the supervisor of each cost as they become more.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeStateDirectory, median, timeOnce } from './measure.mjs';
import { makeRootfs } from './run.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');
const PS_ROUNDS = 5;

/** Of all processes called tsrun-init whose command line names this state: kilobytes resident, and their share of what they have in common. */
function supervisors(state) {
	const sizes = { rss: [], pss: [] };
	for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
		try {
			if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'tsrun-init\n') continue;
			if (!readFileSync(`/proc/${pid}/maps`, 'utf8').includes(`${state}/`)) continue;
			const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
			sizes.rss.push(Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1]));
			sizes.pss.push(Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]));
		} catch {} // it has ended
	}
	return sizes;
}

/** Kilobytes of the whole machine that are in no cache. */
function usedMemory() {
	const text = readFileSync('/proc/meminfo', 'utf8');
	const of = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
	return of('MemTotal') - of('MemFree') - of('Buffers') - of('Cached') - of('SReclaimable') + of('Shmem');
}

/** @param rounds how many containers, in ten steps */
export async function benchMany({ rounds: count = 1000 } = {}) {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	const state = makeStateDirectory();
	const env = {
		...process.env,
		TSRUN_ROOT: join(dir, 'root'),
		TSRUN_STATE: join(state, 'tsrun'),
		TSRUN_NETWORK: 'none',
	};
	const tsrun = (...words) => execFileSync(TSRUN, words, { env, encoding: 'utf8', maxBuffer: 1 << 30 });
	const rows = [];
	try {
		await makeRootfs(dir);
		tsrun('load', `oci:${join(dir, 'image')}:latest`);
		const image = tsrun('images', '-q').trim();
		const before = usedMemory();
		process.stdout.write(
			`\n${count} containers of /bin/sleep, one after the other\n   running   start ms   ps ms   supervisor RSS kB   PSS kB   machine kB each\n`,
		);
		const step = Math.max(1, Math.round(count / 10));
		for (let running = 0; running < count; ) {
			const starts = [];
			for (let each = 0; each < step; each++, running++)
				starts.push(timeOnce([TSRUN, 'run', '-d', image, '/bin/sleep', '100000'], { env }));
			const ps = Array.from({ length: PS_ROUNDS }, () =>
				timeOnce([TSRUN, 'ps', '-q'], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
			);
			const { rss, pss } = supervisors(join(state, 'tsrun'));
			const row = {
				running: tsrun('ps', '-q').trim().split('\n').length,
				startMs: median(starts),
				psMs: median(ps),
				rssKb: median(rss),
				pssKb: median(pss),
				machineKb: (usedMemory() - before) / running,
			};
			rows.push(row);
			process.stdout.write(
				`${String(row.running).padStart(10)}${row.startMs.toFixed(1).padStart(11)}${row.psMs.toFixed(1).padStart(8)}${row.rssKb.toFixed(0).padStart(20)}${row.pssKb.toFixed(0).padStart(9)}${row.machineKb.toFixed(0).padStart(18)}\n`,
			);
		}
		return rows;
	} finally {
		const ids = tsrun('ps', '-aq').trim().split('\n').filter(Boolean);
		for (let first = 0; first < ids.length; first += 100)
			spawnSync(TSRUN, ['rm', '-f', ...ids.slice(first, first + 100)], { env, stdio: ['ignore', 'ignore', 'inherit'] });
		for (const each of [dir, state]) rmSync(each, { recursive: true, force: true });
	}
}
