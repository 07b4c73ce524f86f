import { painter } from './paint.ts';
import type { Trace, TraceStep } from './trace.ts';

const WIDTH = 10;

/** The trace as text: what TypeScript took, each step as `tsrun plan` has it with its time in microseconds, and the sum of each phase. */
export function formatTrace({ prepared, steps, phases }: Trace, colour: boolean): string {
	const paint = painter(colour);
	const lines = [
		paint('dim', `${'at µs'.padStart(WIDTH)}${'took µs'.padStart(WIDTH)}`),
		paint('dim', `${number(0)}${number(prepared)}   image, plan and state, by TypeScript`),
		...steps.map(step => `${paint('dim', number(step.at))}${duration(step)}  ${words(step)}`),
		'',
		...phases.map(
			({ phase, steps, took }) => `${number(took)}  ${paint('cyan', phase)}, ${steps} step${steps === 1 ? '' : 's'}`,
		),
		`${number(sumOf(phases))}  ${paint('bold', 'all steps')}, without those in brackets, which wait`,
	];
	return `${lines.join('\n')}\n`;

	function words({ list, index, call, result }: TraceStep): string {
		const place = paint('dim', `${list} ${index}`);
		const ending = result === 'ok' ? '' : paint('red', ` = ${result}`);
		return `${place} ${call}${ending}`;
	}
}

const number = (value: number): string => value.toFixed(1).padStart(WIDTH);

function duration({ took, waits }: TraceStep): string {
	if (took === undefined) return `${'-'.padStart(WIDTH)} `;
	return waits ? `(${took.toFixed(1)})`.padStart(WIDTH + 1) : `${number(took)} `;
}

const sumOf = (phases: Trace['phases']): number => phases.reduce((sum, { took }) => sum + took, 0);
