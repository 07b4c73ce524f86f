'use strict';
// warm-up-cli.cjs <dist> <image>: runs dist/tsrun up to the moment where it would become the machine, and writes dist/cli.cache
// from all that V8 has compiled until then. Not root: up to a printed plan.
const { mkdtempSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const [, , dist, image] = process.argv;
const scratch = mkdtempSync(join(tmpdir(), 'tsrun-warm-up-'));
const cache = join(dist, 'cli.cache');
rmSync(cache, { force: true });

const EXECVE = { x64: 59, arm64: 221 }[process.arch];
const { dlopen } = process;
process.dlopen = (module, ...rest) => {
	dlopen.call(process, module, ...rest);
	const { syscall } = module.exports;
	module.exports.syscall = (number, ...words) => (number === EXECVE ? process.exit(0) : syscall(number, ...words));
};
process.env.TSRUN_ROOT = join(scratch, 'root');
process.env.TSRUN_STATE = join(scratch, 'state');
const isRoot = process.geteuid() === 0;
if (!isRoot) process.stdout.write = () => true;
process.argv = [
	process.execPath,
	join(dist, 'tsrun'),
	...(isRoot ? ['run', '--rm'] : ['plan']),
	`oci:${image}`,
	'true',
];

process.on('exit', () => {
	writeFileSync(`${cache}.new`, require(join(dist, 'tsrun')).createCachedData());
	renameSync(`${cache}.new`, cache);
	rmSync(scratch, { recursive: true, force: true });
});
require(join(dist, 'tsrun'));
