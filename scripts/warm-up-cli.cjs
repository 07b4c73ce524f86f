'use strict';
// warm-up-cli.cjs <dist> <image>: runs dist/tsrun-node up to the moment where it would become the machine, and writes dist/cli.cache
// from all that V8 has compiled until then: once with an image of the store, once with one beside it. Not root: up to a printed plan.
const { spawnSync } = require('node:child_process');
const { mkdtempSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const [, , dist, image, ...words] = process.argv;
const cli = join(dist, 'tsrun-node');
const cache = join(dist, 'cli.cache');

if (words.length === 0) {
	const scratch = mkdtempSync(join(tmpdir(), 'tsrun-warm-up-'));
	// A build makes no bridge on the host; a plan of one makes none either.
	const env = {
		...process.env,
		TSRUN_ROOT: join(scratch, 'root'),
		TSRUN_STATE: join(scratch, 'state'),
		TSRUN_NETWORK: 'none',
	};
	const run = (...args) => {
		const { status } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
		if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
	};
	const command = process.geteuid() === 0 ? ['run', '--rm'] : ['plan'];
	rmSync(cache, { force: true });
	try {
		run(cli, 'load', '--quiet', `oci:${image}`);
		for (const source of ['hello', `oci:${image}`]) run(__filename, dist, image, ...command, source, 'true');
		run(__filename, dist, image, 'plan', '--network', 'bridge', 'hello', 'true');
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
} else {
	const EXECVE = { x64: 59, arm64: 221 }[process.arch];
	const { dlopen } = process;
	process.dlopen = (module, ...rest) => {
		dlopen.call(process, module, ...rest);
		const { syscall } = module.exports;
		module.exports.syscall = (number, ...args) => (number === EXECVE ? process.exit(0) : syscall(number, ...args));
	};
	process.argv = [process.execPath, cli, ...words];
	// What the cache held before is in it again.
	process.on('exit', () => {
		writeFileSync(`${cache}.new`, require(cli).createCachedData());
		renameSync(`${cache}.new`, cache);
	});
	require(cli);
}
