// Engines for the benchmarks, with stores of their own: podman, and dockerd with the containerd that it starts, both without a
// network of their own. What is not installed is left out.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInPath } from './measure.mjs';

/** The client of the daemon's package. */
const DOCKER = '/usr/bin/docker';
const PATIENCE_MS = 60_000;

const quietly = (command, args) => spawnSync(command, args, { stdio: 'ignore' });

/**
 * @returns by name: how an image is loaded from an archive and how it is pulled (the words of the table and the command), and how the
 * store is emptied again; `missing`, and `stop`
 */
export async function startEngines(dir) {
	mkdirSync(dir, { recursive: true });
	const missing = ['podman', 'dockerd', 'ctr'].filter(name => !isInPath(name));
	const engines = {};
	if (!missing.includes('podman')) engines.podman = podman(dir);
	if (missing.includes('dockerd')) return { engines, missing, stop: async () => unmountBelow(dir) };
	const docker = await startDocker(dir);
	engines.docker = {
		version: ['dockerd', '--version'],
		load: ({ archive }) => ['docker load', [DOCKER, '--host', docker.host, 'load', '--quiet', '--input', archive]],
		pull: ({ reference }) => ['docker pull', [DOCKER, '--host', docker.host, 'pull', '--quiet', reference]],
		empty: () => quietly(DOCKER, ['--host', docker.host, 'image', 'prune', '--all', '--force']),
	};
	if (!missing.includes('ctr')) {
		const ctr = ['--address', docker.containerd, '--namespace', 'bench'];
		engines.containerd = {
			version: ['containerd', '--version'],
			load: ({ ociArchive }) => ['ctr image import', ['ctr', ...ctr, 'images', 'import', ociArchive]],
			pull: ({ reference }) => ['ctr image pull', ['ctr', ...ctr, 'images', 'pull', '--plain-http', reference]],
			empty: () => {
				const names = spawnSync('ctr', [...ctr, 'images', 'list', '--quiet'], { encoding: 'utf8' }).stdout;
				for (const name of names.split('\n').filter(Boolean)) quietly('ctr', [...ctr, 'images', 'rm', '--sync', name]);
			},
		};
	}
	return { engines, missing, stop: () => docker.stop().then(() => unmountBelow(dir)) };
}

/** podman keeps its store mounted on itself, dockerd may leave a network namespace. */
function unmountBelow(dir) {
	const places = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.map(line => line.split(' ')[4] ?? '')
		.filter(place => place.startsWith(`${dir}/`));
	for (const place of places.toReversed()) quietly('umount', [place]);
}

function podman(dir) {
	const words = ['--root', join(dir, 'podman'), '--runroot', join(dir, 'podman-run'), '--storage-driver', 'overlay'];
	return {
		version: ['podman', '--version'],
		load: ({ archive }) => ['podman load', ['podman', ...words, 'load', '--quiet', '--input', archive]],
		pull: ({ reference }) => ['podman pull', ['podman', ...words, 'pull', '--quiet', '--tls-verify=false', reference]],
		empty: () => quietly('podman', [...words, 'rmi', '--all', '--force']),
	};
}

async function startDocker(dir) {
	const run = join(dir, 'docker-run');
	const host = `unix://${join(run, 'docker.sock')}`;
	mkdirSync(run, { recursive: true });
	const log = openSync(join(dir, 'dockerd.log'), 'w');
	const words = [
		'--data-root',
		join(dir, 'docker'),
		'--exec-root',
		run,
		'--pidfile',
		join(run, 'docker.pid'),
		'--host',
		host,
	];
	const offline = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--config-file', join(run, 'none.json')];
	execFileSync('sh', ['-c', 'echo {} > "$1"', 'sh', join(run, 'none.json')]);
	const daemon = spawn('dockerd', [...words, ...offline], { stdio: ['ignore', log, log] });
	closeSync(log);
	const end = Date.now() + PATIENCE_MS;
	while (quietly(DOCKER, ['--host', host, 'version']).status !== 0) {
		if (daemon.exitCode !== null || Date.now() > end)
			throw new Error(`dockerd does not answer: ${readFileSync(join(dir, 'dockerd.log'), 'utf8').slice(-2000)}`);
		await sleep(200);
	}
	return {
		host,
		containerd: join(run, 'containerd/containerd.sock'),
		stop: () =>
			new Promise(done => {
				daemon.once('exit', done);
				daemon.kill();
			}),
	};
}
