import { TsrunError } from '../../core/errors.ts';

/** A part of a template, as Go's text/template has them. */
export type TemplateNode =
	| { readonly kind: 'text'; readonly text: string }
	| { readonly kind: 'print'; readonly pipeline: Pipeline }
	| { readonly kind: 'if' | 'range'; readonly pipeline: Pipeline; readonly body: Nodes; readonly otherwise: Nodes };
export type Nodes = readonly TemplateNode[];

/** Commands, each of which is given what the one before it made as its last argument. */
export type Pipeline = readonly (readonly Operand[])[];

export type Operand =
	| { readonly kind: 'field'; readonly path: readonly string[] }
	| { readonly kind: 'function'; readonly name: string }
	| { readonly kind: 'literal'; readonly value: string | number | boolean };

const ACTION = /\{\{(- )?((?:[^"`}]|"(?:[^"\\]|\\.)*"|`[^`]*`|\}(?!\}))*?)( -)?\}\}/y;
const WORD =
	/\s*(?:(\|)|("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+)(?![\w.])|(true|false)\b|(\.(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?)|([a-z][A-Za-z]*))/y;

/**
 * Reads the part of Go's templates that people give to `--format`: fields, a few functions, pipelines, `if`, `else`, `range`.
 * @throws TsrunError TSRUN_BAD_FORMAT for everything else, by its name
 */
export function parseTemplate(text: string): Nodes {
	const pieces = splitActions(text);
	const { nodes, rest } = parseNodes(pieces, 0, false);
	if (rest < pieces.length) throw badFormat(`{{${pieces[rest]?.action ?? ''}}} closes nothing`);
	return nodes;
}

interface Piece {
	readonly text?: string;
	readonly action?: string;
}

function splitActions(template: string): readonly Piece[] {
	const pieces: Piece[] = [];
	let trimNext = false;
	for (let at = 0; at < template.length; ) {
		const open = template.indexOf('{{', at);
		const text = template.slice(at, open === -1 ? undefined : open);
		const begin = trimNext ? text.trimStart() : text;
		if (open === -1) {
			pieces.push({ text: begin });
			break;
		}
		ACTION.lastIndex = open;
		const found = ACTION.exec(template);
		if (found === null) throw badFormat('{{ is not closed by }}');
		pieces.push({ text: found[1] === undefined ? begin : begin.trimEnd() }, { action: (found[2] ?? '').trim() });
		trimNext = found[3] !== undefined;
		at = ACTION.lastIndex;
	}
	return pieces;
}

function parseNodes(
	pieces: readonly Piece[],
	start: number,
	isInside: boolean,
): { readonly nodes: Nodes; readonly rest: number } {
	const nodes: TemplateNode[] = [];
	for (let index = start; index < pieces.length; index++) {
		const { text, action } = pieces[index] ?? {};
		if (text !== undefined) {
			if (text !== '') nodes.push({ kind: 'text', text });
			continue;
		}
		const words = action ?? '';
		if (words === 'end' || words === 'else') {
			if (!isInside) throw badFormat(`{{${words}}} closes nothing`);
			return { nodes, rest: index };
		}
		if (words.startsWith('/*')) continue;
		const block = /^(if|range)\s+(.*)$/s.exec(words);
		if (block === null) {
			nodes.push({ kind: 'print', pipeline: parsePipeline(words) });
			continue;
		}
		const body = parseNodes(pieces, index + 1, true);
		const hasElse = pieces[body.rest]?.action === 'else';
		const otherwise = hasElse ? parseNodes(pieces, body.rest + 1, true) : { nodes: [], rest: body.rest };
		if (pieces[otherwise.rest]?.action !== 'end') throw badFormat(`{{${words}}} has no {{end}}`);
		const kind = block[1] as 'if' | 'range';
		nodes.push({ kind, pipeline: parsePipeline(block[2] ?? ''), body: body.nodes, otherwise: otherwise.nodes });
		index = otherwise.rest;
	}
	return { nodes, rest: pieces.length };
}

function parsePipeline(text: string): Pipeline {
	const commands: Operand[][] = [[]];
	for (let at = 0; text.slice(at).trim() !== ''; at = WORD.lastIndex) {
		WORD.lastIndex = at;
		const found = WORD.exec(text);
		if (found === null)
			throw badFormat(`{{${text}}} has ${JSON.stringify(text.slice(at).trim())}, which is not known here`);
		if (found[1] !== undefined) commands.push([]);
		else commands.at(-1)?.push(operandOf(found));
	}
	if (commands.some(command => command.length === 0)) throw badFormat(`{{${text}}} is empty`);
	return commands;
}

function operandOf([, , quoted, number, truth, field, name = '']: RegExpExecArray): Operand {
	if (quoted !== undefined) return { kind: 'literal', value: unquote(quoted) };
	if (number !== undefined) return { kind: 'literal', value: Number(number) };
	if (truth !== undefined) return { kind: 'literal', value: truth === 'true' };
	if (field !== undefined) return { kind: 'field', path: field.split('.').filter(Boolean) };
	return { kind: 'function', name };
}

function unquote(text: string): string {
	if (text.startsWith('`')) return text.slice(1, -1);
	try {
		return JSON.parse(text) as string;
	} catch {
		throw badFormat(`${text} is not a valid string`);
	}
}

export function badFormat(fault: string, hint?: string): TsrunError {
	return new TsrunError('TSRUN_BAD_FORMAT', `format: ${fault}`, {
		hint:
			hint ??
			'fields, json, join, split, upper, lower, title, len, index, println, eq, ne, not, if, else and range are known',
	});
}
