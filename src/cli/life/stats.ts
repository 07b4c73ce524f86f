import type { Command } from 'commander';
import { type Measured, measureContainers } from '../../runtime/life/measure-containers.ts';
import { idsOf } from '../../runtime/life/sample-containers.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { type Column, printRows, type Row } from '../format/print-rows.ts';
import { binarySizeText, sizeText } from '../format/size-text.ts';
import { rootsOf } from '../roots.ts';

type Field =
	| 'Container'
	| 'ID'
	| 'Name'
	| 'CPUPerc'
	| 'MemUsage'
	| 'MemPerc'
	| 'NetIO'
	| 'BlockIO'
	| 'PIDs'
	| 'Throttled'
	| 'CPUPressure'
	| 'MemPressure'
	| 'IOPressure'
	| 'OOMKills';

const COLUMNS: readonly Column<Field>[] = [
	{ field: 'Container', head: 'CONTAINER' },
	{ field: 'ID', head: 'CONTAINER ID' },
	{ field: 'Name', head: 'NAME' },
	{ field: 'CPUPerc', head: 'CPU %' },
	{ field: 'MemUsage', head: 'MEM USAGE / LIMIT' },
	{ field: 'MemPerc', head: 'MEM %' },
	{ field: 'NetIO', head: 'NET I/O' },
	{ field: 'BlockIO', head: 'BLOCK I/O' },
	{ field: 'PIDs', head: 'PIDS' },
	{ field: 'Throttled', head: 'THROTTLED' },
	{ field: 'CPUPressure', head: 'CPU PRESSURE' },
	{ field: 'MemPressure', head: 'MEM PRESSURE' },
	{ field: 'IOPressure', head: 'I/O PRESSURE' },
	{ field: 'OOMKills', head: 'OOM KILLS' },
];
/** docker's. */
const SHOWN: readonly Field[] = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'];

/** What is not known, or not measured on this host. */
const UNKNOWN = '--';

interface Flags {
	readonly all?: boolean;
	readonly stream: boolean;
	readonly trunc: boolean;
	readonly format?: string;
}

/** `tsrun stats`: what containers use, once a second. */
export function declareCommand(command: Command): void {
	command
		.argument('[container...]', 'name, id or the beginning of an id; without one, all that run')
		.option('-a, --all', 'also those that have ended')
		.option('--no-stream', 'once, after one second')
		.option('--no-trunc', 'whole ids')
		.option('--format <format>', 'table, json, or a template of Go')
		.action(async (words: readonly string[]) => {
			const { all = false, stream, trunc, format } = command.opts<Flags>();
			const print = (rows: readonly Row<Field>[]): string =>
				printRows(rows, { format, columns: COLUMNS, shown: SHOWN });
			// a format that is none is told before anything is waited for
			print([rowOf({ id: '', name: '' }, trunc)]);
			const directory = openStateDirectory(rootsOf(command).state);
			const ids = words.length === 0 ? undefined : idsOf(directory, words);
			const isShown = ({ usage }: Measured): boolean => all || ids !== undefined || usage !== undefined;
			for await (const containers of measureContainers(directory, ids)) {
				const text = print(containers.filter(isShown).map(each => rowOf(each, trunc)));
				process.stdout.write(stream ? onScreen(text) : text);
				// those that were asked for are all removed
				if (!stream || (ids !== undefined && containers.length === 0)) return;
			}
		});
}

/** On a terminal each table takes the place of the one before. ECMA-48: CUP, EL, ED. */
function onScreen(text: string): string {
	if (!process.stdout.isTTY) return text;
	return `\x1b[H${text.replaceAll('\n', '\x1b[K\n')}\x1b[J`;
}

function rowOf({ id, name, usage }: Measured, trunc: boolean): Row<Field> {
	const ID = trunc ? id.slice(0, 12) : id;
	return { Container: ID, ID, Name: name, ...valuesOf(usage) };
}

function valuesOf(usage: Measured['usage']): Row<Exclude<Field, 'Container' | 'ID' | 'Name'>> {
	const percent = (value: number | undefined): string => (value === undefined ? UNKNOWN : `${value.toFixed(2)}%`);
	const pair = (a: number | undefined, b: number | undefined, text: (bytes: number) => string): string =>
		[a, b].map(value => (value === undefined ? UNKNOWN : text(value))).join(' / ');
	return {
		CPUPerc: percent(usage?.cpuPercent),
		MemUsage: pair(usage?.memory, usage?.memoryLimit, binarySizeText),
		MemPerc: percent(usage === undefined ? undefined : (usage.memory / usage.memoryLimit) * 100),
		NetIO: pair(usage?.network?.received, usage?.network?.sent, sizeText),
		BlockIO: pair(usage?.block.read, usage?.block.written, sizeText),
		PIDs: usage === undefined ? UNKNOWN : String(usage.pids),
		Throttled: pair(usage?.throttledPeriods, usage?.periods, String),
		CPUPressure: percent(usage?.pressure.cpu),
		MemPressure: percent(usage?.pressure.memory),
		IOPressure: percent(usage?.pressure.io),
		OOMKills: usage === undefined ? UNKNOWN : String(usage.oomKills),
	};
}
