#!/usr/bin/env node
// Writes native/step_ops.h from src/plan/op-table.ts, and src/plan/seccomp/known-filters.ts from the default profile. `--check`
// compares instead, and ends with 1 when one of them is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');
const KIND_LETTER = { int: 'i', str: 's', bytes: 'b', strs: 'v' };

/** `mountInRoot` is `OP_MOUNT_IN_ROOT`. */
const constantOf = name => `OP_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;

const kindsOf = args =>
	Object.values(args)
		.map(kind => KIND_LETTER[kind])
		.join('');

const rowsOf = (items, length) =>
	items.length <= length ? [items] : [items.slice(0, length), ...rowsOf(items.slice(length), length)];

/** The text of native/step_ops.h for one operation table. */
export function headerText({ OPS, PLAN_VERSION, MAX_ARGS }) {
	const ops = Object.entries(OPS);
	for (const [name, { args }] of ops) {
		const unknown = Object.values(args).find(kind => KIND_LETTER[kind] === undefined);
		if (unknown !== undefined) throw new Error(`${name}: argument kind ${unknown} has no letter`);
		if (kindsOf(args).length > MAX_ARGS) throw new Error(`${name}: more than ${MAX_ARGS} arguments`);
	}
	return `/* Generated from src/plan/op-table.ts by \`npm run generate\`. Do not edit. */
#ifndef TSRUN_STEP_OPS_H
#define TSRUN_STEP_OPS_H

#define PLAN_VERSION ${PLAN_VERSION}
#define MAX_ARGS ${MAX_ARGS}
#define OP_COUNT ${ops.length}

/* OP(name, kind of each argument: i int, s string, b bytes, v vector of strings); the numbers begin at 1. The table names the arguments. */
#define FOR_EACH_OP(OP) \\
${rowsOf(ops, 4)
	.map(row => `\t${row.map(([name, { args }]) => `OP(${constantOf(name)}, "${kindsOf(args)}")`).join(' ')}`)
	.join(' \\\n')}

#define OP_NAME(name, kinds) name,
enum { OP_NONE, FOR_EACH_OP(OP_NAME) };

#define OP_KINDS(name, kinds) kinds,
static const char *const op_args[OP_COUNT + 1] = { "", FOR_EACH_OP(OP_KINDS) };

#endif
`;
}

/** The text of src/plan/seccomp/known-filters.ts: the profile of a container without flags, compiled for each architecture. */
function filtersText({ DEFAULT_CAPABILITIES, defaultSeccomp, compileSeccomp }) {
	const entries = ['x64', 'arm64'].map(arch => {
		const kernel = { major: 5, minor: 0 };
		const profile = defaultSeccomp({ capabilities: DEFAULT_CAPABILITIES, arch, kernel });
		const { filter, flags } = compileSeccomp(profile, { arch, pointer: '' });
		return `\t${arch}: {
\t\tprofile:
\t\t\t'${JSON.stringify(profile)}',
\t\tfilter:
\t\t\t'${Buffer.from(filter).toString('base64')}',
\t\tflags: ${flags},
\t},
`;
	});
	return `// Generated from src/spec/default-seccomp.ts by \`npm run generate\`. Do not edit.

/** For each architecture a profile as JSON, and the filter that it compiles to. */
export const KNOWN_FILTERS = {
${entries.join('')}} as const;
`;
}

/** The exports of files of src. */
async function load(...files) {
	const entry = 'generate-entry';
	const build = await rolldown({
		input: entry,
		platform: 'node',
		plugins: [
			{
				name: entry,
				resolveId: id => (id === entry ? id : null),
				load: id =>
					id === entry ? files.map(file => `export * from ${JSON.stringify(join(SRC, file))};`).join('\n') : null,
			},
		],
	});
	const { output } = await build.generate({ format: 'esm' });
	await build.close();
	return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
}

function readOrEmpty(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (error.code === 'ENOENT') return '';
		throw error;
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const outputs = {
		'native/step_ops.h': headerText(await load('plan/op-table.ts')),
		'src/plan/seccomp/known-filters.ts': filtersText(
			await load('spec/default-capabilities.ts', 'spec/default-seccomp.ts', 'plan/seccomp/compile-seccomp.ts'),
		),
	};
	for (const [name, text] of Object.entries(outputs)) {
		const isStale = readOrEmpty(join(ROOT, name)) !== text;
		if (isStale && process.argv.includes('--check')) {
			process.stderr.write(`${name} does not match src; run npm run generate\n`);
			process.exitCode = 1;
		} else if (isStale) {
			writeFileSync(join(ROOT, name), text);
		}
	}
}
