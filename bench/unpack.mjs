// From an image on the disk, or in a registry of this machine, to layers that a container can be made of: `tsrun load` and `tsrun pull`
// (copy into the store, verify, unpack) beside the engines that do the same, `umoci unpack`, and GNU tar, which only unpacks.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { debianImages } from './debian-image.mjs';
import { mountDisk } from './disk.mjs';
import { startEngines } from './engines.mjs';
import { interleave, isInPath, printTable, timeOnce } from './measure.mjs';
import { startRegistry } from './registry.mjs';
import { unpackMarkdown } from './unpack-markdown.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');
const TITLES = {
	one: 'a Debian of 590 MB in one layer',
	four: 'the same in four layers',
	share: '110 MB of it in one layer',
	forty: 'the same 110 MB in 40 layers',
};
const TAR = '--xattrs --xattrs-include="*" --numeric-owner';

export async function benchUnpack({ rounds = 5, layouts = Object.keys(TITLES), markdown } = {}) {
	const cache = debianImages();
	const dir = mkdtempSync(join(process.env.TSRUN_BENCH_DIR ?? tmpdir(), 'tsrun-unpack-'));
	const disk = mountDisk(dir);
	const stops = [() => disk.unmount()];
	try {
		const { engines, missing, stop } = await startEngines(join(disk.path, 'peers'));
		stops.unshift(stop);
		const registry = isInPath('docker-registry') ? await startRegistry(join(dir, 'registry')) : undefined;
		if (registry !== undefined) stops.unshift(registry.stop);
		const results = [];
		for (const name of layouts) {
			const image = {
				layout: join(cache, name),
				tars: join(cache, `${name}.d`),
				...archivesOf(join(cache, name), dir),
			};
			const reference = registry?.push(image.layout, `bench-${name}`);
			for (const way of reference === undefined ? ['load'] : ['load', 'pull']) {
				const places = { target: join(disk.path, 'target'), peakFile: join(dir, 'peak') };
				const contestants = contestantsOf({ ...image, reference }, { way, engines, ...places });
				const times = interleave(contestants, { rounds, warmups: 1, each: run => timeFromNothing(run, places) });
				const peakKb = Number(readFileSync(places.peakFile, 'utf8'));
				results.push({ name, title: TITLES[name], way, times, peakKb });
				printTable(`${TITLES[name]}, ${way}, ${rounds} rounds`, times, `tsrun ${way}`);
				process.stdout.write(`tsrun ${way}: ${(peakKb / 1024).toFixed(0)} MiB resident at most\n`);
			}
		}
		const wanted = ['umoci', 'pigz', 'docker-registry'];
		const absent = [...missing, ...wanted.filter(command => !isInPath(command))];
		for (const command of absent) process.stdout.write(`missing: ${command}\n`);
		if (markdown !== undefined) writeMarkdown(markdown, unpackMarkdown(results, { rounds, engines, absent }));
		return { results, missing: absent };
	} finally {
		for (const stop of stops) await stop();
		rmSync(dir, { recursive: true, force: true });
	}
}

/** By name: a command, and where it has a store that outlives it, how that becomes empty again. */
function contestantsOf(image, { way, engines, target, peakFile }) {
	const all = {};
	all[`tsrun ${way}`] = {
		command: way === 'load' ? [TSRUN, 'load', `oci:${image.layout}:latest`] : pullWith(TSRUN, image.reference),
		env: { TSRUN_ROOT: join(target, 'root'), NODE_OPTIONS: `--require ${hookFor(peakFile)}` },
	};
	for (const { empty, ...ways } of Object.values(engines)) {
		const [words, command] = ways[way](image);
		all[words] = { command, empty };
	}
	if (way === 'pull') return all;
	if (isInPath('umoci')) {
		const bundle = join(target, 'bundle');
		all['umoci unpack'] = { command: ['umoci', 'unpack', '--image', `${image.layout}:latest`, bundle] };
	}
	return { ...all, ...tars(image.tars, target) };
}

const pullWith = (tsrun, reference) => [tsrun, 'pull', '--quiet', '--tls-verify=false', reference];

/** Has tsrun write how much memory it had at most, all threads together, in KiB. */
function hookFor(peakFile) {
	const hook = `${peakFile}.cjs`;
	const write = `require('node:fs').writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS))`;
	writeFileSync(hook, `if (require('node:worker_threads').isMainThread) process.on('exit', () => ${write});\n`);
	return hook;
}

function timeFromNothing({ command, cwd, env, empty }, { target }) {
	execFileSync('rm', ['-rf', target]);
	mkdirSync(target);
	execFileSync('sync');
	const ms = timeOnce(command, { cwd, env: { ...process.env, ...env } });
	empty?.();
	return ms;
}

/** Archives of a layout as skopeo writes them: one for docker and podman, with its layers plain, and one for containerd. */
function archivesOf(layout, dir) {
	const archive = join(dir, 'docker.tar');
	const ociArchive = join(dir, 'oci.tar');
	for (const file of [archive, ociArchive]) rmSync(file, { force: true });
	const copy = to => execFileSync('skopeo', ['copy', '--quiet', '--insecure-policy', `oci:${layout}:latest`, to]);
	copy(`docker-archive:${archive}:bench:latest`);
	copy(`oci-archive:${ociArchive}:latest`);
	return { archive, ociArchive };
}

/** GNU tar with gzip, and with pigz, which is near to what a disk and two processors allow. */
function tars(folder, target) {
	const files = readdirSync(folder)
		.filter(name => name.endsWith('.gz'))
		.sort()
		.map(name => join(folder, name));
	const script = body => ['sh', '-c', `for tar; do ${body} || exit; done`, 'sh', ...files];
	const all = { 'tar -xzp': { command: script(`tar -xzpf "$tar" ${TAR}`), cwd: target } };
	if (isInPath('pigz')) {
		all['pigz -dc | tar -xp'] = { command: script(`pigz -dc "$tar" | tar -xpf - ${TAR}`), cwd: target };
	}
	return all;
}

/** Puts the tables into a document, between the marks that say where. */
function writeMarkdown(file, tables) {
	const [before, after] = existsSync(file)
		? readFileSync(file, 'utf8').split(/(?<=<!-- bench unpack -->\n)[\s\S]*(?=<!-- end -->)/)
		: [];
	if (after === undefined) throw new Error(`${file} has no lines <!-- bench unpack --> and <!-- end -->`);
	writeFileSync(file, `${before}${tables}${after}`);
}
