#!/usr/bin/env node
// Builds build/Release/tsrun.node and build/Release/tsrun-init from binding.gyp, and does nothing when they are newer than
// their sources. npm says where its node-gyp is; without npm around, this script runs itself through it. Where node-gyp
// cannot run (no python3, no make), the same file is read here and the C compiler called directly.
import { execFileSync, spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'build/Release');
const PRODUCTS = { tsrun: join(OUTPUT, 'tsrun.node'), 'tsrun-init': join(OUTPUT, 'tsrun-init') };
const COMPILER = process.env.CC ?? 'cc';

const modified = path => (existsSync(path) ? statSync(path).mtimeMs : 0);
const ends = (command, args, options = {}) => spawnSync(command, args, { stdio: 'ignore', ...options }).status;
const compiler = (args, options) => ends('sh', ['-c', `exec ${COMPILER} "$@"`, COMPILER, ...args], options);

function isBuilt() {
	const sources = readdirSync(join(ROOT, 'native')).map(name => join(ROOT, 'native', name));
	const newest = Math.max(...[...sources, join(ROOT, 'binding.gyp')].map(modified));
	return Object.values(PRODUCTS).every(path => modified(path) > newest);
}

/** The installation prefix whose headers are those of this very Node: then nothing needs to be downloaded. */
function headerPrefix() {
	const prefix = process.env.npm_config_nodedir ?? resolve(dirname(process.execPath), '..');
	const header = join(prefix, 'include/node/node_version.h');
	if (!existsSync(header)) return undefined;
	const text = readFileSync(header, 'utf8');
	const version = ['MAJOR', 'MINOR', 'PATCH'].map(part => RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
	return version.join('.') === process.versions.node ? prefix : undefined;
}

/** Nothing here is C++: the C compiler links, so that no C++ compiler and no C++ library are needed. */
function buildWithGyp(nodeGyp) {
	const prefix = headerPrefix();
	const args = ['configure', 'build', '--loglevel=warn', ...(prefix === undefined ? [] : [`--nodedir=${prefix}`])];
	const env = { ...process.env, CC: COMPILER, CXX: COMPILER, LINK: COMPILER, JOBS: 'max', MAKEFLAGS: '-k' };
	return ends(process.execPath, [nodeGyp, ...args], { cwd: ROOT, env, stdio: ['ignore', 2, 2] });
}

function buildWithCompiler(prefix) {
	const gyp = JSON.parse(readFileSync(join(ROOT, 'binding.gyp'), 'utf8'));
	const flags = gyp.target_defaults.cflags;
	mkdirSync(OUTPUT, { recursive: true });
	const statuses = gyp.targets.map(({ target_name: name, type, sources, cflags = [], ldflags = [] }) => {
		const files = sources.flatMap(source =>
			source.startsWith('<!@(')
				? execFileSync('sh', ['-c', source.slice(4, -1)], { cwd: ROOT, encoding: 'utf8' })
						.trim()
						.split(/\s+/)
				: source,
		);
		const kind = type === 'executable' ? [] : ['-fPIC', '-shared', `-I${join(prefix, 'include/node')}`];
		const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
		return compiler([...flags, ...cflags, ...kind, ...files, ...ldflags, '-o', PRODUCTS[name]], options);
	});
	return Math.max(...statuses);
}

/** Looks only after a failure, so that a build costs no probes. */
function causeOfFailure() {
	const place = mkdtempSync(join(tmpdir(), 'tsrun-build-'));
	const source = join(place, 'probe.c');
	const compiles = (text, ...flags) => {
		writeFileSync(source, text);
		return compiler([source, ...flags, '-o', join(place, 'probe')]) === 0;
	};
	try {
		if (!compiles('#include <stdio.h>\nint main(void) { return 0; }')) {
			return 'the C library has no headers: install them (Debian: apt-get install libc6-dev)';
		}
		if (!compiles('#include <linux/openat2.h>\n#include <linux/seccomp.h>\nint main(void) { return 0; }')) {
			return 'the headers of the Linux kernel are missing or older than 5.6 (Debian: apt-get install linux-libc-dev)';
		}
		if (!compiles('int main(void) { return 0; }', '-static')) {
			return 'there is no static C library: install it (Debian: libc6-dev, Fedora: glibc-static)';
		}
		return 'the compiler refused the sources: its messages are above';
	} finally {
		rmSync(place, { recursive: true });
	}
}

function fail(cause) {
	process.stderr.write(`tsrun: cannot build tsrun.node and tsrun-init: ${cause}\n`);
	process.exit(1);
}

if (!isBuilt()) {
	const begin = new Date();
	if (compiler(['--version']) !== 0) {
		fail(`there is no C compiler (${COMPILER}): install gcc or clang (Debian: apt-get install build-essential)`);
	}
	const nodeGyp = process.env.npm_config_node_gyp;
	const gypRuns = ends('python3', ['--version']) === 0 && ends('make', ['--version']) === 0;
	const prefix = headerPrefix();
	if (!gypRuns && prefix === undefined) {
		fail('python3 and make, which node-gyp needs, are missing (Debian: apt-get install python3 make)');
	}
	if (gypRuns && nodeGyp === undefined) {
		process.exit(ends('npm', ['run', 'install', '--silent'], { cwd: ROOT, stdio: 'inherit' }) ?? 1);
	}
	const status = gypRuns ? buildWithGyp(nodeGyp) : buildWithCompiler(prefix);
	if (status !== 0) fail(causeOfFailure());
	for (const path of Object.values(PRODUCTS)) {
		if (!existsSync(path)) fail(`${path} did not appear`);
		utimesSync(path, begin, begin);
	}
}
