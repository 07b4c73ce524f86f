// From an image on the disk to layers that a container can be made of: `tsrun load` (copy into the store, verify, unpack) beside the
// engines that do the same, `umoci unpack`, and GNU tar, which only unpacks.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { debianImages } from './debian-image.mjs';
import { startEngines } from './engines.mjs';
import { interleave, isInPath, printTable, timeOnce } from './measure.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');
const TITLES = { one: 'a Debian of 590 MB in one layer', four: 'the same in four layers', forty: '40 small layers' };
const REFERENCE = 'tar -xzp, layer after layer';
const TAR = '--xattrs --xattrs-include="*" --numeric-owner';

export async function benchUnpack({ rounds = 5, layouts = ['one', 'four', 'forty'] } = {}) {
	const cache = debianImages();
	const dir = mkdtempSync(join(process.env.TSRUN_BENCH_DIR ?? tmpdir(), 'tsrun-bench-unpack-'));
	const target = join(dir, 'target');
	const { engines, missing, stop } = await startEngines(join(dir, 'engines'));
	try {
		const results = {};
		const peaksKb = {};
		for (const name of layouts) {
			const image = { layout: join(cache, name), ...archivesOf(join(cache, name), dir) };
			const contestants = { ...tars(join(cache, `${name}.d`), target), ...tsrun(image, { dir, target }) };
			if (isInPath('umoci'))
				contestants['umoci unpack'] = {
					command: ['umoci', 'unpack', '--image', `${image.layout}:latest`, join(target, 'bundle')],
				};
			for (const [words, { load, empty }] of Object.entries(engines))
				contestants[words] = { command: load(image), empty };
			results[name] = interleave(contestants, {
				rounds,
				warmups: 1,
				each: ({ command, cwd, env, empty }) => {
					execFileSync('rm', ['-rf', target]);
					mkdirSync(target);
					execFileSync('sync');
					const ms = timeOnce(command, { cwd, env: { ...process.env, ...env } });
					empty?.();
					return ms;
				},
			});
			peaksKb[name] = Number(readFileSync(join(dir, 'peak'), 'utf8'));
			printTable(`${TITLES[name]}, ${rounds} rounds`, results[name], REFERENCE);
			process.stdout.write(`tsrun load: ${(peaksKb[name] / 1024).toFixed(0)} MiB resident at most\n`);
		}
		const absent = [...missing, ...['umoci', 'pigz'].filter(command => !isInPath(command))];
		for (const command of absent) process.stdout.write(`missing: ${command}\n`);
		return { results, peaksKb, missing: absent };
	} finally {
		await stop();
		rmSync(dir, { recursive: true, force: true });
	}
}

/** Archives of a layout as skopeo writes them: one for docker, one for containerd. */
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
	return {
		[REFERENCE]: { command: script(`tar -xzpf "$tar" ${TAR}`), cwd: target },
		...(isInPath('pigz')
			? { 'pigz -dc | tar -xp': { command: script(`pigz -dc "$tar" | tar -xpf - ${TAR}`), cwd: target } }
			: {}),
	};
}

function tsrun({ layout }, { dir, target }) {
	const hook = join(dir, 'peak.cjs');
	writeFileSync(
		hook,
		`if (require('node:worker_threads').isMainThread) process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(join(dir, 'peak'))}, String(process.resourceUsage().maxRSS)));\n`,
	);
	return {
		'tsrun load': {
			command: [TSRUN, 'load', `oci:${layout}:latest`],
			env: { TSRUN_ROOT: join(target, 'root'), NODE_OPTIONS: `--require ${hook}` },
		},
	};
}
