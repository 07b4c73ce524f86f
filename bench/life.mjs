// What people wait for: `run -d` until a server answers at its published port, `exec`, `stop`, `rm`, and ten starts at once; tsrun beside
// docker and podman (with runc), each with its default network. In network and mount namespaces of the benchmark's own, so that bridges,
// tables and mounts are gone with it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInPath, makeStateDirectory, median, timeOnce } from './measure.mjs';
import { makeRootfs } from './run.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');
/** The client of the daemon's package. */
const DOCKER = '/usr/bin/docker';
const INSIDE = 'TSRUN_BENCH_IN_OWN_NETWORK';
const PARENT = `tsrun-bench-${process.pid}`;
const AT_ONCE = 10;
const PATIENCE_MS = 60_000;
const SERVER = ['/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/'];
const PHASES = ['run -d to first byte', 'exec true', 'stop', 'rm', `${AT_ONCE} starts at once`];

function inside(rounds) {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	try {
		const json = join(dir, 'results.json');
		const bench = [join(import.meta.dirname, 'bench.mjs'), 'life', '--rounds', String(rounds), '--json', json];
		const words = ['--net', '--mount', process.execPath, ...bench];
		execFileSync('unshare', words, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
		return JSON.parse(readFileSync(json, 'utf8')).life;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** Milliseconds until something is read from a port of this machine. */
async function firstByte(port) {
	const began = performance.now();
	while (performance.now() - began < PATIENCE_MS) {
		const isThere = await new Promise(done => {
			const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
			socket.once('data', () => done(true));
			for (const event of ['error', 'close']) socket.once(event, () => done(false));
			socket.once('data', () => socket.destroy());
		});
		if (isThere) return;
		await sleep(1);
	}
	throw new Error(`port ${port} does not answer`);
}

/** @returns what is put before and behind the words that all three understand */
async function startEngines(dir, layout, state) {
	const engines = {};
	const env = { ...process.env, TSRUN_ROOT: join(dir, 'tsrun'), TSRUN_STATE: join(state, 'tsrun') };
	delete env.TSRUN_NETWORK;
	execFileSync(TSRUN, ['load', `oci:${layout}:latest`], { env, stdio: 'ignore' });
	const [id] = execFileSync(TSRUN, ['images', '-q'], { env, encoding: 'utf8' }).split('\n');
	engines.tsrun = { words: [TSRUN], run: ['--cgroup-parent', `/${PARENT}`], image: id, env };
	const archive = join(dir, 'image.tar');
	const missing = ['podman', 'dockerd', 'skopeo', 'runc'].filter(name => !isInPath(name));
	if (missing.length > 0) return { engines, missing, stop: () => {} };
	execFileSync('skopeo', ['copy', '--quiet', `oci:${layout}:latest`, `docker-archive:${archive}:bench:latest`]);

	const rlimits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
	const podman = ['podman', '--root', join(dir, 'podman'), '--runroot', join(dir, 'podman-run')];
	podman.push('--storage-driver', 'overlay', '--cgroup-manager', 'cgroupfs', '--runtime', 'runc');
	execFileSync(podman[0], [...podman.slice(1), 'load', '--quiet', '--input', archive], { stdio: 'ignore' });
	engines.podman = {
		words: podman,
		run: [...rlimits, '--cgroup-parent', `/${PARENT}`],
		image: 'docker.io/library/bench',
		env: process.env,
	};

	const run = join(dir, 'docker-run');
	mkdirSync(run);
	writeFileSync(join(run, 'none.json'), '{}');
	const places = ['--data-root', join(dir, 'docker'), '--exec-root', run, '--pidfile', join(run, 'docker.pid')];
	const host = `unix://${join(run, 'docker.sock')}`;
	const words = [...places, '--host', host, '--config-file', join(run, 'none.json'), '--cgroup-parent', `/${PARENT}`];
	const daemon = spawn('dockerd', words, { stdio: 'ignore' });
	const docker = [DOCKER, '--host', host];
	const end = Date.now() + PATIENCE_MS;
	while (spawnSync(docker[0], [...docker.slice(1), 'version'], { stdio: 'ignore' }).status !== 0) {
		if (daemon.exitCode !== null || Date.now() > end) throw new Error('dockerd does not answer');
		await sleep(200);
	}
	execFileSync(docker[0], [...docker.slice(1), 'load', '--quiet', '--input', archive], { stdio: 'ignore' });
	engines.docker = { words: docker, run: [], image: 'bench', env: process.env };
	const ended = new Promise(done => daemon.once('exit', done));
	return {
		engines,
		missing,
		stop: () => {
			daemon.kill();
			return ended;
		},
	};
}

/** One container of one engine, from its start to its removal. */
async function live({ words, run, image, env }, port) {
	const time = (...more) => timeOnce([...words, ...more], { env });
	const began = performance.now();
	time('run', '-d', '--name', 'one', '-p', `${port}:80`, '--stop-signal', 'KILL', ...run, image, ...SERVER);
	await firstByte(port);
	const times = [performance.now() - began, time('exec', 'one', '/bin/true'), time('stop', 'one'), time('rm', 'one')];
	const many = performance.now();
	await Promise.all(
		Array.from({ length: AT_ONCE }, (_, index) => {
			const all = [...words.slice(1), 'run', '-d', '--name', `many${index}`, ...run, image, '/bin/sleep', '1000'];
			const child = spawn(words[0], all, { env, stdio: 'ignore' });
			return new Promise((done, fail) =>
				child.once('exit', code => (code === 0 ? done() : fail(new Error(`${words[0]}: ${code}`)))),
			);
		}),
	);
	times.push(performance.now() - many);
	time('rm', '-f', ...Array.from({ length: AT_ONCE }, (_, index) => `many${index}`));
	return times;
}

/** Directories of the engines' containers in all hierarchies, empty by now: podman leaves those of its conmon. */
function removeCgroups() {
	const mounts = readdirSync('/sys/fs/cgroup').map(name => join('/sys/fs/cgroup', name));
	for (const path of [...mounts, '/sys/fs/cgroup'].map(place => join(place, PARENT)).filter(existsSync))
		spawnSync('find', [path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'], { stdio: 'inherit' });
}

export async function benchLife({ rounds = 10 } = {}) {
	if (process.env[INSIDE] === undefined) return inside(rounds);
	execFileSync('ip', ['link', 'set', 'lo', 'up']);
	execFileSync('mount', ['--make-rprivate', '/']);
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-bench-'));
	const state = makeStateDirectory();
	let started;
	try {
		await makeRootfs(dir);
		started = await startEngines(dir, join(dir, 'image'), state);
		const names = Object.keys(started.engines);
		const times = Object.fromEntries(names.map(name => [name, PHASES.map(() => [])]));
		for (let round = -1; round < rounds; round++) {
			for (const name of round % 2 === 0 ? names : names.toReversed()) {
				const found = await live(started.engines[name], 8080 + names.indexOf(name));
				for (const [phase, ms] of found.entries()) if (round >= 0) times[name][phase].push(ms);
			}
		}
		const results = Object.fromEntries(names.map(name => [name, times[name].map(median)]));
		process.stdout.write(
			`\nmedians of ${rounds} rounds in ms; × tsrun\n${''.padEnd(24)}${names.map(name => name.padStart(18)).join('')}\n`,
		);
		PHASES.forEach((phase, index) => {
			const cells = names.map(name => {
				const ratio = results[name][index] / results.tsrun[index];
				return `${results[name][index].toFixed(1)} (${ratio.toFixed(1)})`.padStart(18);
			});
			process.stdout.write(`${phase.padEnd(24)}${cells.join('')}\n`);
		});
		for (const name of started.missing) process.stdout.write(`missing: ${name}\n`);
		return { phases: PHASES, results, rounds };
	} finally {
		await started?.stop();
		removeCgroups();
		spawnSync('sh', ['-c', 'grep " $0/" /proc/self/mountinfo | cut -d" " -f5 | sort -r | xargs -r umount', dir]);
		for (const each of [dir, state]) rmSync(each, { recursive: true, force: true });
	}
}
