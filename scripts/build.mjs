#!/usr/bin/env node
// Builds dist/: the command line, the library, its types, and the image of the first run. `--fast` leaves out the types and,
// where it is there already, the image. Each entry is one source file; what entries share, and each lazily imported
// command, is a file of dist/chunks.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const IMAGE = join(DIST, 'images/hello');

/** Output below dist/ → source below src/. */
const ENTRIES = {
	tsrun: 'cli/main.ts',
	'index.js': 'index.ts',
	'linux.js': 'linux.ts',
	'extract-worker.js': 'rootfs/extract-worker.ts',
};
const TYPED = ['index.ts', 'linux.ts'];

/**
 * Lets `import.meta.dirname` and `import.meta.url` mean the source file, also in a chunk: a path such as
 * `join(import.meta.dirname, '../../build')` is then right in a test, in dist/tsrun and in an installed package.
 */
const keepSourcePaths = {
	name: 'keep-source-paths',
	transform(code, id) {
		const source = relative(ROOT, id);
		if (!source.startsWith('src/') || !code.includes('import.meta.')) return null;
		return code
			.replaceAll('import.meta.dirname', `__sourceDirname(${JSON.stringify(dirname(source))})`)
			.replaceAll('import.meta.url', `__sourceUrl(${JSON.stringify(source)})`);
	},
	renderChunk(code, { fileName }) {
		const up = '../'.repeat(fileName.split('/').length);
		const depth = up.length / '../'.length;
		return code
			.replaceAll(
				/__sourceDirname\("([^"]+)"\)/g,
				(_, folder) => `import.meta.dirname.split("/").slice(0, -${depth}).concat(${JSON.stringify(folder)}).join("/")`,
			)
			.replaceAll(
				/__sourceUrl\("([^"]+)"\)/g,
				(_, file) => `new URL(${JSON.stringify(up + file)}, import.meta.url).href`,
			);
	},
};

const shebang = {
	name: 'shebang',
	renderChunk: (code, { fileName }) =>
		fileName === 'tsrun' && !code.startsWith('#!') ? `#!/usr/bin/env node\n${code}` : null,
};

async function bundle(entries) {
	const build = await rolldown({
		input: Object.fromEntries(entries.map(([output, source]) => [output, join(ROOT, 'src', source)])),
		cwd: ROOT,
		platform: 'node',
		plugins: [keepSourcePaths, shebang],
		onLog: (level, log) => process.stderr.write(`build: ${level}: ${log.message}\n`),
	});
	const { output } = await build.generate({
		format: 'esm',
		entryFileNames: '[name]',
		chunkFileNames: 'chunks/[name]-[hash].js',
	});
	await build.close();
	return output;
}

/** A file appears complete or not at all, and the chunks of the build before go last: a running `dist/tsrun` sees one build. */
function writeOutput(output) {
	for (const { fileName, code } of output.toSorted((a, b) => Number(a.isEntry) - Number(b.isEntry))) {
		const path = join(DIST, fileName);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(`${path}.new`, code);
		if (fileName === 'tsrun') chmodSync(`${path}.new`, 0o755);
		renameSync(`${path}.new`, path);
	}
	const written = new Set(output.map(({ fileName }) => fileName));
	for (const name of existsSync(join(DIST, 'chunks')) ? readdirSync(join(DIST, 'chunks')) : []) {
		if (!written.has(`chunks/${name}`)) rmSync(join(DIST, 'chunks', name));
	}
}

function run(command, args) {
	return new Promise((settle, fail) => {
		spawn(command, args, { cwd: ROOT, stdio: 'inherit' })
			.on('error', fail)
			.on('exit', code =>
				code === 0 ? settle() : fail(new Error(`${[command, ...args].join(' ')} ended with ${code}`)),
			);
	});
}

function buildTypes(sources) {
	const options = '--emitDeclarationOnly --declaration --noEmit false --target ES2023 --module NodeNext --strict';
	const more =
		'--exactOptionalPropertyTypes --skipLibCheck --noCheck --verbatimModuleSyntax --rewriteRelativeImportExtensions';
	const files = sources.map(source => join(ROOT, 'src', source));
	const places = ['--types', 'node', '--rootDir', join(ROOT, 'src'), '--outDir', DIST];
	return run(process.execPath, [
		join(ROOT, 'node_modules/typescript/bin/tsc'),
		...options.split(' '),
		...more.split(' '),
		...places,
		...files,
	]);
}

const isFast = process.argv.includes('--fast');
const all = Object.entries(ENTRIES);
const present = all.filter(([, source]) => existsSync(join(ROOT, 'src', source)));
const typed = TYPED.filter(source => existsSync(join(ROOT, 'src', source)));
const jobs = [];
if (!isFast && typed.length > 0) jobs.push(buildTypes(typed));
if (!isFast || !existsSync(join(IMAGE, 'index.json'))) {
	jobs.push(run(process.execPath, [join(ROOT, 'rootfs-fixtures/build.mjs'), IMAGE]));
}
if (present.length > 0) jobs.push(bundle(present).then(writeOutput));
for (const { reason } of (await Promise.allSettled(jobs)).filter(({ status }) => status === 'rejected')) {
	process.stderr.write(`build: ${reason.message}\n`);
	process.exitCode = 1;
}
for (const [output, source] of all.filter(entry => !present.includes(entry))) {
	process.stderr.write(`build: dist/${output} is missing, there is no src/${source}\n`);
	process.exitCode = 1;
}
