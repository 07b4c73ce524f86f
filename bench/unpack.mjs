// Unpacking a Debian of 590 MB: `tsrun load` (copy into the store, verify, unpack) beside `tar -xzp` of the same layers one
// after the other and `umoci unpack`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { debianImages } from './debian-image.mjs';
import { interleave, isInPath, printTable, timeOnce } from './measure.mjs';

const TSRUN = resolve(import.meta.dirname, '../dist/tsrun');

export function benchUnpack({ rounds = 5, layouts = ['one', 'four'] } = {}) {
	const cache = debianImages();
	const dir = mkdtempSync(join(process.env.TSRUN_BENCH_DIR ?? tmpdir(), 'tsrun-bench-unpack-'));
	const missing = ['umoci'].filter(name => !isInPath(name));
	try {
		const results = {};
		for (const layout of layouts) {
			const target = join(dir, 'target');
			const tars = readdirSync(join(cache, `${layout}.d`))
				.filter(name => name.endsWith('.gz'))
				.sort()
				.map(name => join(cache, `${layout}.d`, name));
			const script = 'for tar; do tar -xzpf "$tar" --xattrs --xattrs-include="*" --numeric-owner || exit; done';
			const contestants = {
				'tar -xzp, layer after layer': { command: ['sh', '-c', script, 'sh', ...tars], cwd: target },
				'tsrun load': {
					command: [TSRUN, 'load', `oci:${cache}/${layout}:latest`],
					env: { TSRUN_ROOT: join(target, 'root') },
				},
			};
			if (missing.length === 0)
				contestants['umoci unpack'] = {
					command: ['umoci', 'unpack', '--image', `${cache}/${layout}:latest`, join(target, 'bundle')],
				};
			results[layout] = interleave(contestants, {
				rounds,
				warmups: 1,
				each: ({ command, cwd, env }) => {
					execFileSync('rm', ['-rf', target]);
					mkdirSync(target);
					execFileSync('sync');
					return timeOnce(command, { cwd, env: { ...process.env, ...env } });
				},
			});
			printTable(
				`unpacking 590 MB in ${layout === 'one' ? 'one layer' : 'four layers'}, ${rounds} rounds`,
				results[layout],
				'tar -xzp, layer after layer',
			);
		}
		for (const name of missing) process.stdout.write(`missing: ${name}\n`);
		return { results, missing };
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

if (process.argv[1] === import.meta.filename) benchUnpack();
