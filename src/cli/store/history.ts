import type { Command } from 'commander';
import { type HistoryStep, imageHistory } from '../../runtime/image-history.ts';
import { openStore } from '../../store/open-store.ts';
import { ago } from '../ago.ts';
import { type Column, printRows, type Row } from '../format/print-rows.ts';
import { sizeText } from '../format/size-text.ts';
import { shortId } from '../images.ts';
import { rootsOf } from '../roots.ts';

type Field = 'ID' | 'CreatedSince' | 'CreatedAt' | 'CreatedBy' | 'Size' | 'Comment';

const COLUMNS: readonly Column<Field>[] = [
	{ field: 'ID', head: 'IMAGE' },
	{ field: 'CreatedSince', head: 'CREATED' },
	{ field: 'CreatedAt', head: 'CREATED AT' },
	{ field: 'CreatedBy', head: 'CREATED BY' },
	{ field: 'Size', head: 'SIZE' },
	{ field: 'Comment', head: 'COMMENT' },
];
const SHOWN = ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'] as const;
const SHORT = 45;

interface Flags {
	readonly human: boolean;
	readonly quiet?: boolean;
	readonly trunc: boolean;
	readonly format?: string;
}

/** `tsrun history`: the steps of an image, the last first. */
export function declareCommand(command: Command): void {
	command
		.argument('<image>', 'name or id')
		.option('-H, --human', 'sizes and times for people; with =false exact ones', true)
		.option('-q, --quiet', 'ids only')
		.option('--no-trunc', 'whole ids and words')
		.option('--format <format>', 'table, json, or a template of Go')
		.action((image: string) => {
			const { quiet, format, ...flags } = command.opts<Flags>();
			const rows = imageHistory(openStore(rootsOf(command).data), image).map(step => rowOf(step, flags));
			if (quiet === true) process.stdout.write(rows.map(({ ID }) => `${ID}\n`).join(''));
			else process.stdout.write(printRows(rows, { format, columns: COLUMNS, shown: SHOWN }));
		});
}

function rowOf(
	{ id, created, createdBy, comment, size }: HistoryStep,
	{ human, trunc }: Pick<Flags, 'human' | 'trunc'>,
): Row<Field> {
	const words = createdBy.replaceAll('\t', ' ');
	const time = created ?? 'N/A';
	return {
		ID: trunc && id.startsWith('sha256:') ? shortId(id) : id,
		CreatedSince: created === undefined || !human ? time : ago(created, Date.now()),
		CreatedAt: time,
		CreatedBy: trunc && words.length > SHORT ? `${words.slice(0, SHORT - 1)}…` : words,
		Size: human ? sizeText(size) : String(size),
		Comment: comment,
	};
}
