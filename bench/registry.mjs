// Debian's docker-registry on the loopback, with the benchmark's images in it.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @returns the registry's `host:port`, and `push`, which gives a layout's image a name in it */
export async function startRegistry(dir) {
	mkdirSync(dir, { recursive: true });
	const config = {
		version: 0.1,
		log: { level: 'info' },
		storage: { filesystem: { rootdirectory: join(dir, 'data') } },
		http: { addr: '127.0.0.1:0', secret: 'bench' },
	};
	writeFileSync(join(dir, 'config.yml'), JSON.stringify(config));
	// a file, since nobody reads a pipe while a contestant runs
	const logFile = join(dir, 'log');
	const log = openSync(logFile, 'w');
	const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'ignore', log] });
	closeSync(log);
	const ended = new Promise(done => child.once('exit', done));
	const host = await untilListening(child, logFile);
	return {
		host,
		push: (layout, name) => {
			const words = ['copy', '--quiet', '--insecure-policy', '--dest-tls-verify=false'];
			execFileSync('skopeo', [...words, `oci:${layout}:latest`, `docker://${host}/${name}:latest`]);
			return `${host}/${name}:latest`;
		},
		stop: () => {
			child.kill();
			return ended;
		},
	};
}

async function untilListening(child, logFile) {
	for (;;) {
		const log = readFileSync(logFile, 'utf8');
		const found = /listening on (127\.0\.0\.1:[0-9]+)/.exec(log)?.[1];
		if (found !== undefined) return found;
		if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}: ${log}`);
		await sleep(50);
	}
}
