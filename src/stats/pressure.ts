import { linesOf, parseNumber } from './control-file.ts';

/** How long processes waited (accounting/psi.rst): percent of the last 10, 60 and 300 seconds, and microseconds in all. */
export interface PressureLine {
	readonly avg10: number;
	readonly avg60: number;
	readonly avg300: number;
	readonly total: bigint;
}

export interface Pressure {
	/** At least one waited. */
	readonly some: PressureLine;
	/** All of them waited. */
	readonly full: PressureLine;
}

const NONE: PressureLine = { avg10: 0, avg60: 0, avg300: 0, total: 0n };

/** @returns undefined where the kernel does not measure it */
export function parsePressure(text: string | undefined): Pressure | undefined {
	if (text === undefined) return undefined;
	const lines = linesOf(text);
	return { some: lineOf(lines, 'some'), full: lineOf(lines, 'full') };
}

function lineOf(lines: readonly string[], kind: string): PressureLine {
	const line = lines.find(each => each.startsWith(`${kind} `));
	if (line === undefined) return NONE;
	const textOf = (key: string): string | undefined => new RegExp(` ${key}=(\\S+)`).exec(line)?.[1];
	const average = (key: string): number => Number(textOf(key)) || 0;
	return {
		avg10: average('avg10'),
		avg60: average('avg60'),
		avg300: average('avg300'),
		total: parseNumber(textOf('total')) ?? 0n,
	};
}
