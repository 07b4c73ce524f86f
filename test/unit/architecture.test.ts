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
	stats: ['core'],
	native: ['core', 'plan'],
	image: ['core', 'oci', 'native'],
	store: ['core', 'oci', 'native', 'image'],
	rootfs: ['core', 'oci', 'native'],
	spec: ['core', 'oci'],
	host: ['core', 'oci', 'plan', 'native', 'stats'],
	state: ['core', 'plan', 'native'],
	explain: ['core', 'oci', 'plan'],
	runtime: ['core', 'oci', 'plan', 'native', 'image', 'store', 'rootfs', 'spec', 'host', 'state', 'explain', 'stats'],
	cli: ['core', 'oci', 'plan', 'image', 'store', 'spec', 'state', 'runtime', 'explain'],
	'linux.ts': ['core', 'native'],
	'index.ts': ['core', 'oci', 'plan', 'spec', 'runtime'],
};
const PURE = ['core', 'oci', 'spec', 'plan', 'explain', 'stats'];
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

/** Names that reach the world without an import, where the file does not mean something of its own by them. */
const AMBIENT = ['process', 'fetch', 'performance', 'console', 'globalThis'];
const AMBIENT_MEMBERS: Readonly<Record<string, readonly string[]>> = { Date: ['now'], Math: ['random'] };

function ambientUses(file: string): readonly string[] {
	const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isIdentifier(node) && AMBIENT.includes(node.text) && isReference(node) && !isBound(node)) {
			found.push(`${relative(SRC, file)}: ${node.parent.getText()}`);
		}
		if (ts.isPropertyAccessExpression(node) && AMBIENT_MEMBERS[node.expression.getText()]?.includes(node.name.text)) {
			found.push(`${relative(SRC, file)}: ${node.getText()}`);
		}
		if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) {
			found.push(`${relative(SRC, file)}: ${node.getText()}`);
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}

/** Not the name of a property, a field of a type, or a binding. */
function isReference(node: ts.Identifier): boolean {
	const { parent } = node;
	if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
	if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
	return !(
		ts.isPropertySignature(parent) ||
		ts.isBindingElement(parent) ||
		ts.isParameter(parent) ||
		ts.isVariableDeclaration(parent) ||
		ts.isFunctionDeclaration(parent)
	);
}

/** Whether an enclosing function, block or file binds the name. */
function isBound(node: ts.Identifier): boolean {
	for (let scope: ts.Node = node.parent; scope !== undefined; scope = scope.parent) {
		const names = ts.isFunctionLike(scope) ? scope.parameters.flatMap(({ name }) => boundNames(name)) : [];
		const statements = ts.isBlock(scope) || ts.isSourceFile(scope) ? [...scope.statements] : [];
		const declared = statements.flatMap(statement =>
			ts.isVariableStatement(statement)
				? statement.declarationList.declarations.flatMap(({ name }) => boundNames(name))
				: ts.isFunctionDeclaration(statement) && statement.name !== undefined
					? [statement.name.text]
					: [],
		);
		if ([...names, ...declared].includes(node.text)) return true;
	}
	return false;
}

function boundNames(name: ts.BindingName): readonly string[] {
	if (ts.isIdentifier(name)) return [name.text];
	return name.elements.flatMap(element => (ts.isBindingElement(element) ? boundNames(element.name) : []));
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

	it('keeps core, oci, spec, plan, explain and stats free of fs, process, clock and network', () => {
		const impure = imports.filter(
			({ from, target }) => PURE.includes(from) && !target.startsWith('.') && !PURE_MODULES.includes(target),
		);
		expect(impure).toEqual([]);
		const ambient = files.filter(file => PURE.includes(roomOf(file))).flatMap(ambientUses);
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

describe('the machine in C', () => {
	const NATIVE = resolve(SRC, '../native');
	const lines = new Map(
		readdirSync(NATIVE)
			.filter(name => /\.[ch]$/.test(name))
			.map(name => [name, readFileSync(join(NATIVE, name), 'utf8').split('\n').length - 1]),
	);

	it('has fewer than 2,775 lines, all files together, and at most 300 in one', () => {
		expect([...lines.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(2775);
		expect([...lines].filter(([, count]) => count > 300)).toEqual([]);
	});

	it('has no line of more than 140 columns', () => {
		const wide = [...lines.keys()].flatMap(name =>
			readFileSync(join(NATIVE, name), 'utf8')
				.split('\n')
				.filter(line => line.replaceAll('\t', ' '.repeat(8)).length > 140)
				.map(line => `${name}: ${line.trim()}`),
		);
		expect(wide).toEqual([]);
	});
});
