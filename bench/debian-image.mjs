// A Debian of several hundred megabytes as OCI layouts, made once with debootstrap and kept in a cache directory.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = 'build-essential,python3,perl,git';
/** Says that everything is there; another name wherever there is more. */
const COMPLETE = 'complete-share-40';
const MIRROR = 'http://deb.debian.org/debian';

/** Parts of the tree that are layers of their own; directories above them are listed in each, as image builders do. */
const SPLIT = {
	one: [['.']],
	four: [
		['--exclude=./usr/lib', '--exclude=./usr/share', '--exclude=./usr/bin', '.'],
		['./usr/lib'],
		['./usr/share'],
		['./usr/bin'],
	],
	share: [['./usr/share']],
};

/** Forty small layers: what is in usr/share, dealt out. */
function forty(tree) {
	const folders = readdirSync(join(tree, 'usr/share'), { withFileTypes: true }).filter(entry => entry.isDirectory());
	const deal = number => folders.filter((_, index) => index % 40 === number).map(({ name }) => `./usr/share/${name}`);
	return Array.from({ length: 40 }, (_, number) => deal(number));
}

/** @returns the cache directory; in it layouts `one`, `four`, `share` (usr/share alone) and `forty` (that in 40 layers), and their
 * tars in `one.d` and so on */
export function debianImages(cache = process.env.TSRUN_BENCH_CACHE ?? join(homedir(), '.cache/tsrun-bench')) {
	if (existsSync(join(cache, COMPLETE))) return cache;
	mkdirSync(cache, { recursive: true });
	const tree = join(cache, 'tree');
	if (!existsSync(tree)) {
		const partial = `${tree}.partial`;
		rmSync(partial, { recursive: true, force: true });
		execFileSync('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', partial, MIRROR], {
			stdio: ['ignore', 'ignore', 'inherit'],
		});
		renameSync(partial, tree);
	}
	for (const [name, layers] of Object.entries({ ...SPLIT, forty: forty(tree) }))
		writeLayout(cache, name, { tree, layers });
	writeFileSync(join(cache, COMPLETE), '');
	return cache;
}

function writeLayout(cache, name, { tree, layers }) {
	const layout = join(cache, name);
	const tars = join(cache, `${name}.d`);
	for (const dir of [layout, tars]) rmSync(dir, { recursive: true, force: true });
	for (const dir of [join(layout, 'blobs/sha256'), tars]) mkdirSync(dir, { recursive: true });
	const descriptors = [];
	const diffIds = [];
	for (const [index, paths] of layers.entries()) {
		const tar = join(tars, `${index}.tar`);
		const parents = paths.at(-1) === '.' ? [] : ['--no-recursion', ...parentsOf(paths[0]), '--recursion'];
		const options = [
			'--format=posix',
			'--xattrs',
			'--xattrs-include=*',
			'--exclude=./var/cache/apt/archives/*.deb',
			'--numeric-owner',
			'--sort=name',
			'--pax-option=delete=atime,delete=ctime',
		];
		execFileSync('tar', [...options, '-C', tree, '-cf', tar, ...parents, ...paths]);
		execFileSync('gzip', ['-kn6', tar]);
		diffIds.push(`sha256:${sha256(readFileSync(tar))}`);
		descriptors.push(put(layout, 'layer.v1.tar+gzip', readFileSync(`${tar}.gz`)));
	}
	const config = {
		os: 'linux',
		architecture: process.arch === 'x64' ? 'amd64' : process.arch,
		config: { Cmd: ['bash'] },
		rootfs: { type: 'layers', diff_ids: diffIds },
	};
	const manifest = {
		schemaVersion: 2,
		mediaType: media('manifest.v1+json'),
		config: put(layout, 'config.v1+json', Buffer.from(JSON.stringify(config))),
		layers: descriptors,
	};
	const entry = {
		...put(layout, 'manifest.v1+json', Buffer.from(JSON.stringify(manifest))),
		annotations: { 'org.opencontainers.image.ref.name': 'latest' },
	};
	writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
	writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
}

/** `./usr/share/x` → `./usr`, `./usr/share` */
function parentsOf(path) {
	const parts = path.split('/');
	return parts.slice(2).map((_, index) => parts.slice(0, index + 2).join('/'));
}

function put(layout, type, bytes) {
	const hex = sha256(bytes);
	writeFileSync(join(layout, 'blobs/sha256', hex), bytes);
	return { mediaType: media(type), digest: `sha256:${hex}`, size: bytes.length };
}

const media = type => `application/vnd.oci.image.${type}`;
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');
