#!/usr/bin/env node
// Builds dist/: the command line, the library, its types, and the image of the first run. `--fast` leaves out the types and,
// where it is there already, the image. Each entry is one source file; what entries share, and each lazily imported
// command, is a file of dist/chunks.
import { spawn } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { buildExecutable } from './build-executable.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const IMAGE = join(DIST, 'images/hello');

const LIB = join(DIST, 'lib');

/** The command line: one file, so that its start reads no other, with V8's code of it beside it. */
const CLI = 'cli/main.ts';
/** What engines call, and is large: all that these alone need is a chunk of its own, with V8's code beside it as well. */
const CREATION = ['create', 'exec'];
/** What engines call besides, and is small. */
const SMALL = ['start', 'state', 'kill', 'delete'];
/** Output below dist/lib/ → source below src/. */
const ENTRIES = {
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
			.replaceAll('import.meta.filename', '__sourceFilename')
			.replaceAll('import.meta.dirname', `__sourceDirname(${JSON.stringify(dirname(source))})`)
			.replaceAll('import.meta.url', `__sourceUrl(${JSON.stringify(source)})`);
	},
	renderChunk(code, { fileName }, { format }) {
		if (format === 'cjs') {
			return code
				.replaceAll(
					/__sourceDirname\("([^"]+)"\)/g,
					(_, folder) =>
						`require("node:path").join(__dirname, ${JSON.stringify('../'.repeat(fileName.split('/').length) + folder)})`,
				)
				.replaceAll('__sourceFilename', '__filename');
		}
		fileName = `lib/${fileName}`;
		const up = '../'.repeat(fileName.split('/').length);
		const depth = up.length / '../'.length;
		return code
			.replaceAll('__sourceFilename', 'import.meta.filename')
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

async function generate(input, options, plugins = []) {
	const build = await rolldown({
		input,
		cwd: ROOT,
		platform: 'node',
		plugins: [keepSourcePaths, ...plugins],
		onLog: (level, log) => process.stderr.write(`build: ${level}: ${log.message}\n`),
	});
	const { output } = await build.generate(options);
	await build.close();
	return output;
}

const bundleLibrary = entries =>
	generate(Object.fromEntries(entries.map(([output, source]) => [output, join(ROOT, 'src', source)])), {
		format: 'esm',
		entryFileNames: '[name]',
		chunkFileNames: 'chunks/[name]-[hash].js',
	});

/** Modules of Node that cost a millisecond and more to load, and that most commands do not come to use. */
const HEAVY = [
	'child_process',
	'crypto',
	'net',
	'os',
	'stream',
	'stream/promises',
	'timers/promises',
	'util',
	'worker_threads',
	'zlib',
];

/**
 * Loads each of them where it is first used. Only under names that the bundler gives, and that of commander: a short one, such as
 * `util`, a package may use for other things besides.
 */
const lazyBuiltins = {
	name: 'lazy-builtins',
	renderChunk(code) {
		const declaration = new RegExp(
			`\\b(?:let|const|var) (node_\\w+|childProcess) = require\\("(node:(?:${HEAVY.join('|')}))"\\);`,
			'g',
		);
		// what is imported as a whole is assigned to once more
		const found = [...code.matchAll(declaration)].filter(([, name]) => !new RegExp(`^${name} = `, 'm').test(code));
		return found.reduce(
			(text, [whole, name, module]) =>
				text
					.replaceAll(new RegExp(`\\b${name}\\.`, 'g'), `${name}.late.`)
					.replace(whole, `const ${name} = { get late() { return require("${module}"); } };`),
			code,
		);
	},
};

/** The modules that an entry needs before any dynamic import. */
async function staticClosure(input) {
	const stopAtDynamic = {
		name: 'stop-at-dynamic-imports',
		resolveDynamicImport: source => ({ id: String(source), external: true }),
	};
	const output = await generate(input, { format: 'cjs' }, [stopAtDynamic]);
	return new Set(output.flatMap(({ moduleIds = [] }) => moduleIds));
}

/**
 * CommonJS loads in a third of the time that modules take in Node 20, and V8's cache takes most of what is left. Comments are
 * a fifth of the text, which is read and copied at each start; line breaks stay, for stack traces.
 */
async function buildCli(image) {
	const input = { 'cli.js': join(ROOT, 'src', CLI) };
	const eager = await staticClosure(input);
	const closureOf = names => staticClosure(names.map(name => join(ROOT, `src/cli/oci/${name}.ts`)));
	const [creation, small] = [await closureOf(CREATION), await closureOf(SMALL)];
	const output = await generate(input, {
		format: 'cjs',
		entryFileNames: '[name]',
		chunkFileNames: 'chunks/[name]-[hash].js',
		codeSplitting: {
			groups: [
				{ name: 'cli', test: id => eager.has(id), priority: 1 },
				{ name: 'creation', test: id => creation.has(id) && !small.has(id) },
			],
		},
		comments: false,
		plugins: [lazyBuiltins],
	});
	replaceFile(join(DIST, 'package.json'), '{ "type": "commonjs" }\n');
	writeChunks(
		DIST,
		output.map(({ code, ...chunk }) => ({
			...chunk,
			code: toAscii(chunk.isEntry ? asFunction(withLateExports(withRuntime(code, output))) : code),
		})),
	);
	const chunks = output.filter(({ name }) => name === 'creation').map(({ fileName }) => join(DIST, fileName));
	await run(process.execPath, [join(ROOT, 'scripts/compile-chunk.cjs'), ...chunks]);
	replaceFile(join(DIST, 'tsrun-node'), readFileSync(join(ROOT, 'scripts/cli-loader.cjs')), 0o755);
	const executable = buildExecutable(DIST);
	await image;
	await run(process.execPath, [join(ROOT, 'scripts/warm-up-cli.cjs'), DIST, IMAGE]);
	if (!existsSync(join(DIST, 'cli.cache'))) throw new Error('dist/tsrun-node has run without leaving its code cache');
	await executable;
}

/** The bundler's helpers have a file of their own, which the code cache would not cover. */
function withRuntime(code, output) {
	const { fileName, code: helpers } = output.find(({ name }) => name === 'rolldown-runtime');
	return code.replace(`require("./${fileName}")`, () => `(exports => {${helpers}\nreturn exports; })({})`);
}

/** What chunks use of the entry becomes an object when the first of them asks for it; one property after the other costs a millisecond. */
function withLateExports(code) {
	const names = [];
	const text = code.replaceAll(/^exports\.([\w$]+) = ([\w$]+);\n/gm, (_line, exported, name) => {
		names.push(exported === name ? name : `${exported}: ${name}`);
		return '';
	});
	return `${text}let offered;\nObject.defineProperty(module, "exports", { get: () => (offered ??= { ${names.join(', ')} }) });\n`;
}

/** What the loader calls. Put around the text there, it would cost a copy of it at each start. */
const asFunction = code => `(function (exports, require, module, __filename, __dirname) {${code}\n})`;

/** Pure ASCII is read as bytes that V8 takes as they are. Outside strings there is none else. */
const toAscii = code =>
	code.replaceAll(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function replaceFile(path, content, mode = 0o644) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(`${path}.new`, content);
	chmodSync(`${path}.new`, mode);
	renameSync(`${path}.new`, path);
}

/** A file appears complete or not at all, and the chunks of the build before go last: whoever loads them sees one build. */
function writeChunks(folder, output) {
	for (const { fileName, code } of output.toSorted((a, b) => Number(a.isEntry) - Number(b.isEntry))) {
		replaceFile(join(folder, fileName), code);
	}
	const written = new Set(output.map(({ fileName }) => fileName));
	for (const name of existsSync(join(folder, 'chunks')) ? readdirSync(join(folder, 'chunks')) : []) {
		if (!written.has(`chunks/${name}`)) rmSync(join(folder, 'chunks', name));
	}
}

function writeLibrary(output) {
	replaceFile(join(LIB, 'package.json'), '{ "type": "module" }\n');
	writeChunks(LIB, output);
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
	const places = ['--types', 'node', '--rootDir', join(ROOT, 'src'), '--outDir', LIB];
	return run(process.execPath, [
		join(ROOT, 'node_modules/typescript/bin/tsc'),
		...options.split(' '),
		...more.split(' '),
		...places,
		...files,
	]);
}

const isFast = process.argv.includes('--fast');
const image =
	!isFast || !existsSync(join(IMAGE, 'index.json'))
		? run(process.execPath, [join(ROOT, 'rootfs-fixtures/build.mjs'), IMAGE])
		: Promise.resolve();
const jobs = [image, buildCli(image), bundleLibrary(Object.entries(ENTRIES)).then(writeLibrary)];
if (!isFast) jobs.push(buildTypes(TYPED));
for (const { reason } of (await Promise.allSettled(jobs)).filter(({ status }) => status === 'rejected')) {
	process.stderr.write(`build: ${reason.message}\n`);
	process.exitCode = 1;
}
