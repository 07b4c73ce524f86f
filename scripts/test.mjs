#!/usr/bin/env node
// test.mjs [vitest argument…]: every check and every tier that this machine can run. All of them are run, also after a
// failure; the end names what failed and what could not run, which is a failure too. Reports: build/reports/<tier>.json
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const REPORTS = join(ROOT, 'build/reports');
const TIERS_OF_ANYONE = ['unit', 'native'];
const TIERS_OF_ROOT = ['kernel', 'cli', 'cli-bun', 'peers'];
/** Command → Debian package. */
const TOOLS = {
	cc: 'gcc',
	clang: 'clang',
	umoci: 'umoci',
	skopeo: 'skopeo',
	buildah: 'buildah',
	'docker-registry': 'docker-registry',
	htpasswd: 'apache2-utils',
	openssl: 'openssl',
	runc: 'runc',
	crun: 'crun',
	podman: 'podman',
	containerd: 'containerd',
	dockerd: 'docker.io',
	iptables: 'iptables',
	'/usr/lib/cni/bridge': 'containernetworking-plugins',
	bwrap: 'bubblewrap',
	debootstrap: 'debootstrap',
	busybox: 'busybox-static',
	criu: 'criu',
	strace: 'strace',
	tmux: 'tmux',
	getfattr: 'attr',
	getcap: 'libcap2-bin',
	zstd: 'zstd',
};

const filters = process.argv.slice(2);
const failures = [];

function step(name, script, args = []) {
	process.stdout.write(`\n# ${name}\n`);
	const { status } = spawnSync(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, stdio: 'inherit' });
	if (status !== 0) failures.push(name);
}

function tier(name) {
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${join(REPORTS, `${name}.json`)}`];
	const empty = filters.length > 0 ? ['--passWithNoTests'] : [];
	step(name, 'node_modules/vitest/vitest.mjs', ['run', '--project', name, ...reporters, ...empty, ...filters]);
}

function isInPath(command) {
	return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0;
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
step('machine and addon', 'scripts/build-native.mjs');
step('command line and library', 'scripts/build.mjs', ['--fast']);
step('types', 'node_modules/typescript/bin/tsc', ['--noEmit']);
step('lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']);
step('generated header', 'scripts/generate.mjs', ['--check']);
for (const name of TIERS_OF_ANYONE) tier(name);

const isRoot = process.getuid?.() === 0;
if (isRoot) for (const name of TIERS_OF_ROOT) tier(name);

const missing = Object.entries(TOOLS).filter(([command]) => !isInPath(command));
process.stdout.write('\n');
if (!isRoot) {
	process.stdout.write(`not run, root is needed: ${TIERS_OF_ROOT.join(', ')} (try sudo npm test)\n`);
	process.exitCode = 1;
}
if (missing.length > 0) {
	const packages = missing.map(([, name]) => name).join(' ');
	process.stdout.write(`not installed, tests need them: ${packages} (try sudo scripts/install-test-packages.sh)\n`);
	process.exitCode = 1;
}
if (failures.length > 0) {
	process.stdout.write(`failed: ${failures.join(', ')}\n`);
	process.exitCode = 1;
}
