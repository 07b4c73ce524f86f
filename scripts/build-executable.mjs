#!/usr/bin/env node
// Makes of dist/cli.js and dist/chunks one executable with the engine of Bun in it, dist/tsrun-bun. Bun is an optional dependency. The build
// calls this, and so does npm where it installs the package, which has no executable: `--before` as its first step, because it makes the
// link to dist/tsrun, which no pack contains, before it runs the others.
import { execFile } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { adaptEngine } from './adapt-engine.mjs';

/** Of the architectures for which adaptEngine is known to do its work. */
const PACKAGES = { x64: '@oven/bun-linux-x64' };
const MAIN = join(import.meta.dirname, 'executable-main.cjs');

/** Nothing that lies in the working directory of a user is read. */
const OPTIONS = [
	'--compile',
	'--bytecode',
	'--format=cjs',
	'--target=bun',
	'--no-compile-autoload-dotenv',
	'--no-compile-autoload-bunfig',
	'--no-compile-autoload-tsconfig',
	'--no-compile-autoload-package-json',
	// Machine code is made of what has run twenty times as often as Bun would wait for: it takes a fifth of the time of a run, which
	// ends before it is worth that.
	'--compile-jit-policy=20',
];

/** Orders of the environment, by which a program of Bun does something else than what it is asked. */
const ORDERS = {
	BUN_OPTIONS: '--preload ./hostile.js',
	BUN_BE_BUN: '1',
	BUN_JSC_dumpOptions: '1',
	BUN_INSPECT: 'ws://127.0.0.1:1/hostile',
	BUN_INSPECT_PRELOAD: './hostile.js',
};

const run = promisify(execFile);

/** What dist/tsrun is from now on: a link to the executable or, which it says in one line with the reason, the script of Node. */
export async function buildExecutable(dist) {
	const executable = join(dist, 'tsrun-bun');
	const reason = await tryToBuild(dist, executable);
	if (reason === undefined) {
		placeProgram(dist, made => symlinkSync('tsrun-bun', made));
		return;
	}
	process.stderr.write(`build: no executable, tsrun runs on Node: ${reason}\n`);
	placeScript(dist);
	// not one of an earlier build
	rmSync(executable, { force: true });
}

const placeScript = dist => placeProgram(dist, made => copyFileSync(join(dist, 'tsrun-node'), made));

/** At no moment is there no dist/tsrun. */
function placeProgram(dist, make) {
	const made = join(dist, 'tsrun.new');
	rmSync(made, { force: true });
	make(made);
	renameSync(made, join(dist, 'tsrun'));
}

async function tryToBuild(dist, executable) {
	const bun = findBun();
	if (bun === undefined) return `no package of Bun for ${process.arch} is installed`;
	const scratch = mkdtempSync(join(dist, '.executable-'));
	try {
		const made = await compile(bun, executableText(dist), scratch);
		const wrong = await whatIsWrong(made, scratch);
		if (wrong === undefined) renameSync(made, executable);
		return wrong;
	} catch (error) {
		return [error.message, error.stderr].join('\n').trim();
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}

function findBun() {
	try {
		return join(createRequire(import.meta.url).resolve(`${PACKAGES[process.arch]}/package.json`), '../bin/bun');
	} catch {
		return undefined;
	}
}

/** All of dist/ that is text is in the executable, so that what runs is of one build. */
function executableText(dist) {
	const read = name => readFileSync(join(dist, name), 'utf8');
	const chunks = readdirSync(join(dist, 'chunks'))
		.filter(name => name.endsWith('.js'))
		.map(name => `chunks/${name}`);
	const asFunction = code => `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
	const files = [`"cli.js": ${read('cli.js')}`, ...chunks.map(name => `"${name}": ${asFunction(read(name))}`)];
	return `const embedded = {\n${files.join(',\n')}\n};\n${readFileSync(MAIN, 'utf8')}`;
}

async function compile(bun, text, scratch) {
	const [engine, main, made] = ['engine', 'main.cjs', 'tsrun'].map(name => join(scratch, name));
	writeFileSync(engine, adaptEngine(readFileSync(bun)), { mode: 0o755 });
	writeFileSync(main, text);
	const words = ['build', ...OPTIONS, `--compile-executable-path=${engine}`, main, '--outfile', made];
	await run(bun, words, { cwd: scratch, env: { PATH: process.env.PATH, HOME: scratch } });
	return made;
}

async function whatIsWrong(program, scratch) {
	writeFileSync(join(scratch, 'hostile.js'), 'console.log("hostile");\n');
	const ask = (env, command = '"$0" --version') =>
		run('sh', ['-c', command, program], { cwd: scratch, env }).catch(error => error);
	const { stdout: expected, stderr: complaint } = await ask({});
	if (complaint !== '' || !/^\d+\.\d+\.\d+ \(bun .*\)\n$/.test(expected))
		return `it does not tell its version: ${expected}${complaint}`;
	for (const [name, value] of Object.entries(ORDERS)) {
		const { stdout, stderr } = await ask({ [name]: value });
		if (stdout !== expected || stderr !== '') return `it heeds ${name}: ${stdout}${stderr}`;
	}
	mkdirSync(join(scratch, 'gone'));
	const gone = await ask({}, 'cd gone && rmdir ../gone && "$0" --version');
	return gone.stdout === expected ? undefined : `it does not start in a directory that was removed: ${gone.stderr}`;
}

// In a clone npm installs before there is a dist, and makes all of it then.
const root = resolve(import.meta.dirname, '..');
if (process.argv[1] === import.meta.filename && !existsSync(join(root, 'src'))) {
	const dist = join(root, 'dist');
	if (process.argv[2] === '--before') placeScript(dist);
	else await buildExecutable(dist);
}
