import type { Paint } from '../paint.ts';
import type { Topic, ViewRow } from './view-rows.ts';

export interface Columns {
	/** Of the whole table, in characters. */
	readonly width: number;
	readonly paint: Paint;
	/** Topics that are marked. */
	readonly changed: ReadonlySet<Topic>;
	/** Headings. */
	readonly host: string;
	readonly container: string;
}

const NAME_WIDTH = 15;
/** Of what the names leave, the part that the host has. */
const HOST_PART = 0.42;
const NARROWEST = 20;
const INDENT = '  ';

/** Two columns under headings, wrapped between words; a topic that has changed bears an asterisk. */
export function sideBySide(rows: readonly ViewRow[], { width, paint, changed, host, container }: Columns): string {
	const left = Math.max(NARROWEST, Math.floor((width - NAME_WIDTH) * HOST_PART));
	const right = Math.max(NARROWEST, width - NAME_WIDTH - left);
	const heading = `${' '.repeat(NAME_WIDTH)}${paint('dim', `${host.padEnd(left)}${container}`)}`;
	const lines = rows.flatMap(row => {
		const cells = [row.host.flatMap(text => wrap(text, left - 2)), row.container.flatMap(text => wrap(text, right))];
		const isChanged = changed.has(row.topic);
		const height = Math.max(1, ...cells.map(({ length }) => length));
		return Array.from({ length: height }, (_, line) => {
			const name = line > 0 ? '' : `${isChanged ? '*' : ' '} ${row.topic}`;
			const [first = '', second = ''] = cells.map(cell => cell[line] ?? '');
			const painted = paint(isChanged ? 'bold' : 'cyan', name.padEnd(NAME_WIDTH));
			return `${painted}${first.padEnd(left)}${second}`.trimEnd();
		});
	});
	return [heading, ...lines].join('\n');
}

/** Lines of at most so many characters; a word that is longer goes on in the next one. */
function wrap(text: string, width: number): readonly string[] {
	const part = new RegExp(`.{1,${width - INDENT.length}}`, 'gu');
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
		else if (last === undefined && word.length <= width) lines.push(word);
		else for (const piece of word.match(part) ?? ['']) lines.push(lines.length === 0 ? piece : `${INDENT}${piece}`);
	}
	return lines;
}
