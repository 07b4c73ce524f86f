#!/usr/bin/env node
// Writes native/step_ops.h from src/plan/op-table.ts. `--check` compares instead, and ends with 1 when the header is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
const TABLE = join(ROOT, 'src/plan/op-table.ts');
const HEADER = join(ROOT, 'native/step_ops.h');
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

async function loadTable() {
	const { outputText } = ts.transpileModule(readFileSync(TABLE, 'utf8'), {
		compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
	});
	return import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
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
	const expected = headerText(await loadTable());
	const isStale = readOrEmpty(HEADER) !== expected;
	if (isStale && process.argv.includes('--check')) {
		process.stderr.write('native/step_ops.h does not match src/plan/op-table.ts; run npm run generate\n');
		process.exitCode = 1;
	} else if (isStale) {
		writeFileSync(HEADER, expected);
	}
}
