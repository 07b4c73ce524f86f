import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** What each folder may import, in the order of the data. A folder may always import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	core: [],
	oci: ['core'],
	plan: ['core', 'oci'],
	native: ['core', 'plan'],
	image: ['core', 'oci', 'native'],
	store: ['core', 'oci', 'native'],
	rootfs: ['core', 'oci', 'native'],
	spec: ['core', 'oci'],
	host: ['core', 'oci', 'plan', 'native'],
	state: ['core', 'plan', 'native'],
	explain: ['core', 'oci', 'plan'],
	runtime: ['core', 'oci', 'plan', 'native', 'image', 'store', 'rootfs', 'spec', 'host', 'state', 'explain'],
	cli: ['core', 'oci', 'plan', 'image', 'store', 'spec', 'state', 'runtime', 'explain'],
	'linux.ts': ['core', 'native'],
	'index.ts': ['core', 'oci', 'plan', 'spec', 'runtime'],
};
const PURE = ['core', 'oci', 'spec', 'plan', 'explain'];
/** Modules of Node that neither read nor change the world. */
const PURE_MODULES = ['node:path/posix', 'node:util', 'node:buffer'];
const ONLY_NATIVE = ['node:module'];

interface Import {
	readonly file: string;
	readonly from: string;
	readonly target: string;
}

function importsOf(file: string): readonly string[] {
	const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
			found.push((node.moduleSpecifier as ts.StringLiteral).text);
		}
		if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
			const argument = node.arguments[0];
			if (argument !== undefined && ts.isStringLiteralLike(argument)) found.push(argument.text);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

function roomOf(path: string): string {
	return relative(SRC, path).split('/')[0] ?? '';
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
	.filter(name => name.endsWith('.ts'))
	.map(name => join(SRC, name));
const imports: readonly Import[] = files.flatMap(file =>
	importsOf(file).map(target => ({ file: relative(SRC, file), from: roomOf(file), target })),
);

describe('the dependency rule', () => {
	it('knows every folder of src', () => {
		expect([...new Set(files.map(roomOf))].filter(room => MAY_IMPORT[room] === undefined)).toEqual([]);
		expect(imports.length).toBeGreaterThan(20);
	});

	it('lets imports follow the data and never run against it', () => {
		const broken = imports.filter(({ file, from, target }) => {
			if (!target.startsWith('.')) return false;
			const room = roomOf(resolve(SRC, dirname(file), target));
			return room !== from && !(MAY_IMPORT[from] ?? []).includes(room);
		});
		expect(broken).toEqual([]);
	});

	it('keeps core, oci, spec, plan and explain free of fs, process, clock and network', () => {
		const impure = imports.filter(
			({ from, target }) => PURE.includes(from) && !target.startsWith('.') && !PURE_MODULES.includes(target),
		);
		expect(impure).toEqual([]);
		const ambient = files
			.filter(file => PURE.includes(roomOf(file)))
			.flatMap(file =>
				[...readFileSync(file, 'utf8').matchAll(/\b(process\.\w+|Date\.now|new Date\(\)|Math\.random|fetch\()/g)].map(
					match => `${relative(SRC, file)}: ${match[0]}`,
				),
			);
		expect(ambient).toEqual([]);
	});

	it('lets only src/native load the addon', () => {
		expect(imports.filter(({ from, target }) => from !== 'native' && ONLY_NATIVE.includes(target))).toEqual([]);
		expect(imports.filter(({ target }) => target.endsWith('.node'))).toEqual([]);
	});

	it('lets only src/cli touch argv, stdout and exit', () => {
		const touching = files
			.filter(file => roomOf(file) !== 'cli')
			.flatMap(file =>
				[...readFileSync(file, 'utf8').matchAll(/\bprocess\.(argv|stdout|exit|exitCode)\b|\bconsole\.\w+/g)].map(
					match => `${relative(SRC, file)}: ${match[0]}`,
				),
			);
		expect(touching).toEqual([]);
	});
});
