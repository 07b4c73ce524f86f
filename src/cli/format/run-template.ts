import { badFormat, type Nodes, type Operand, type Pipeline, type TemplateNode } from './parse-template.ts';

/**
 * What a template says of a value.
 * @param fields of the value when there are no others, so that a misspelled one is an error; absent: one that is not there is empty
 * @throws TsrunError TSRUN_BAD_FORMAT
 */
export function runTemplate(nodes: Nodes, value: unknown, fields?: readonly string[]): string {
	return nodes.map(node => runNode(node, { value, fields })).join('');
}

interface Dot {
	readonly value: unknown;
	readonly fields: readonly string[] | undefined;
}

function runNode(node: TemplateNode, dot: Dot): string {
	switch (node.kind) {
		case 'text':
			return node.text;
		case 'print':
			return show(runPipeline(node.pipeline, dot));
		case 'if':
			return runTemplate(isTrue(runPipeline(node.pipeline, dot)) ? node.body : node.otherwise, dot.value, dot.fields);
		case 'range': {
			const items = itemsOf(runPipeline(node.pipeline, dot));
			if (items.length === 0) return runTemplate(node.otherwise, dot.value, dot.fields);
			return items.map(item => runTemplate(node.body, item)).join('');
		}
	}
}

function runPipeline(pipeline: Pipeline, dot: Dot): unknown {
	return pipeline.reduce<readonly unknown[]>((before, command) => [runCommand(command, before, dot)], [])[0];
}

function runCommand([first, ...rest]: readonly Operand[], before: readonly unknown[], dot: Dot): unknown {
	if (first === undefined) return undefined;
	const given = [...rest.map(operand => operandValue(operand, dot)), ...before];
	if (first.kind === 'function') return callFunction(first.name, given);
	if (given.length > 0) throw badFormat('a value is given arguments, and only a function takes some');
	return operandValue(first, dot);
}

function operandValue(operand: Operand, dot: Dot): unknown {
	switch (operand.kind) {
		case 'literal':
			return operand.value;
		case 'function':
			return callFunction(operand.name, []);
		case 'field': {
			const [name] = operand.path;
			if (name !== undefined && dot.fields?.includes(name) === false) {
				throw badFormat(`there is no field .${name}`, `there are ${dot.fields.map(field => `.${field}`).join(' ')}`);
			}
			return operand.path.reduce(fieldOf, dot.value);
		}
	}
}

/** By its name in the document, or as Go spells it: `.ID` is `Id`. */
function fieldOf(value: unknown, name: string): unknown {
	if (typeof value !== 'object' || value === null) return undefined;
	const record = value as Readonly<Record<string, unknown>>;
	if (Object.hasOwn(record, name)) return record[name];
	const other = Object.keys(record).find(key => key.toLowerCase() === name.toLowerCase());
	return other === undefined ? undefined : record[other];
}

const FUNCTIONS: Readonly<Record<string, (...given: readonly unknown[]) => unknown>> = {
	json: value => JSON.stringify(value ?? null),
	join: (list, separator) => itemsOf(list).map(show).join(show(separator)),
	split: (text, separator) => show(text).split(show(separator)),
	upper: text => show(text).toUpperCase(),
	lower: text => show(text).toLowerCase(),
	title: text => show(text).replace(/\b\w/g, letter => letter.toUpperCase()),
	len: value => (typeof value === 'string' ? Buffer.byteLength(value) : itemsOf(value).length),
	index: (value, ...keys) => keys.reduce<unknown>(elementOf, value),
	println: (...values) => `${values.map(show).join(' ')}\n`,
	eq: (value, ...others) => others.some(other => other === value),
	ne: (value, other) => value !== other,
	not: value => !isTrue(value),
};

function callFunction(name: string, given: readonly unknown[]): unknown {
	const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
	if (found === undefined) throw badFormat(`the function ${name} is not known here`);
	return found(...given);
}

function elementOf(value: unknown, key: unknown): unknown {
	if (Array.isArray(value)) return value[Number(key)] as unknown;
	if (typeof value !== 'object' || value === null) return undefined;
	return Object.hasOwn(value, String(key)) ? (value as Record<string, unknown>)[String(key)] : undefined;
}

function itemsOf(value: unknown): readonly unknown[] {
	if (Array.isArray(value)) return value;
	return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function isTrue(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > 0;
	return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** As Go's fmt prints values. */
function show(value: unknown): string {
	if (value === undefined || value === null) return '<no value>';
	if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
	if (typeof value !== 'object') return String(value);
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return `map[${entries.map(([key, each]) => `${key}:${show(each)}`).join(' ')}]`;
}
