// Whole processes, container included, of /bin/true: tsrun beside runc (and crun, bubblewrap) on the same root file system, and
// `node -e 0` as what the engine alone costs.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeOciLayout } from '../rootfs-fixtures/oci-layout.mjs';
import { interleave, isInPath, makeStateDirectory, printTable, timeOnce } from './measure.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const TSRUN = join(ROOT, 'dist/tsrun');
const EXECUTABLE = join(ROOT, 'dist/tsrun-bun');

/** A static /bin/true and /bin/sleep, as an image and as a directory. */
export async function makeRootfs(dir) {
	const busybox = '/bin/busybox';
	if (!existsSync(busybox)) throw new Error('the benchmark wants /bin/busybox (Debian: busybox-static)');
	const rootfs = join(dir, 'bundle/rootfs');
	for (const name of ['bin', 'dev', 'proc', 'sys', 'etc', 'tmp']) mkdirSync(join(rootfs, name), { recursive: true });
	cpSync(busybox, join(rootfs, 'bin/busybox'));
	for (const name of ['true', 'sleep']) symlinkSync('busybox', join(rootfs, 'bin', name));
	const entries = [
		...['bin/', 'dev/', 'proc/', 'sys/', 'etc/', 'tmp/'].map(name => ({ name, mode: 0o755 })),
		{ name: 'bin/busybox', mode: 0o755, data: readFileSync(busybox) },
		...['true', 'sleep'].map(name => ({ name: `bin/${name}`, linkname: 'busybox' })),
	];
	await writeOciLayout(join(dir, 'image'), { layers: [{ note: 'busybox', entries }], config: { Cmd: ['/bin/true'] } });
	return rootfs;
}

export function writeBundle(dir) {
	const bundle = join(dir, 'bundle');
	execFileSync('runc', ['spec', '--bundle', bundle]);
	const spec = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
	spec.process.terminal = false;
	spec.process.args = ['/bin/true'];
	spec.process.rlimits = [];
	writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
	return bundle;
}

/** Resident memory of the supervisor while a container sleeps, and whether a JavaScript engine is left among its ancestors. */
async function supervisorMemory(env, image) {
	const child = spawn(TSRUN, ['run', '--rm', image, '/bin/sleep', '3'], { env, stdio: 'ignore' });
	await sleep(1000);
	const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
	const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
	const program = /Name:\s+(\S+)/.exec(status)?.[1];
	await new Promise(done => child.once('exit', done));
	return { rssKb, program };
}

export async function benchRun({ rounds = 25 } = {}) {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	const state = makeStateDirectory();
	try {
		const rootfs = await makeRootfs(dir);
		const env = {
			...process.env,
			TSRUN_ROOT: join(dir, 'root'),
			TSRUN_STATE: join(state, 'tsrun'),
			TSRUN_NETWORK: 'none',
		};
		const image = `oci:${join(dir, 'image')}:latest`;
		const missing = ['runc', 'bwrap', EXECUTABLE].filter(name => !isInPath(name));
		const contestants = {
			'node -e 0': [process.execPath, '-e', '0'],
			'tsrun run --rm': [TSRUN, 'run', '--rm', image, '/bin/true'],
		};
		if (!missing.includes(EXECUTABLE))
			contestants['tsrun-bun run --rm'] = [EXECUTABLE, 'run', '--rm', image, '/bin/true'];
		if (!missing.includes('runc'))
			contestants['runc run'] = [
				'runc',
				'--root',
				join(state, 'runc'),
				'run',
				'--bundle',
				writeBundle(dir),
				'tsrun-bench',
			];
		if (!missing.includes('bwrap'))
			contestants['bwrap --unshare-all'] = [
				'bwrap',
				'--unshare-all',
				'--bind',
				rootfs,
				'/',
				'--proc',
				'/proc',
				'--dev',
				'/dev',
				'/bin/true',
			];
		const results = interleave(contestants, { rounds, each: command => timeOnce(command, { env }) });
		printTable(`/bin/true in a container, ${rounds} rounds`, results, 'runc run' in results ? 'runc run' : 'node -e 0');
		for (const name of missing) process.stdout.write(`missing: ${name}\n`);
		const memory = await supervisorMemory(env, image);
		const overNodeMs = {};
		for (const name of Object.keys(results).filter(each => each.startsWith('tsrun'))) {
			const [min, median] = ['min', 'median'].map(key => results[name][key] - results['node -e 0'][key]);
			overNodeMs[name] = { min, median };
			process.stdout.write(
				`${name} over node -e 0: ${min.toFixed(1)} ms between the minima, ${median.toFixed(1)} ms between the medians\n`,
			);
		}
		process.stdout.write(`supervisor: ${memory.program}, ${memory.rssKb} kB resident\n`);
		return { results, overNodeMs, supervisor: memory, missing };
	} finally {
		for (const each of [dir, state]) rmSync(each, { recursive: true, force: true });
	}
}
