import { breakpointSteps } from '../../explain/step/breakpoints.ts';
import { formatStop } from '../../explain/step/format-stop.ts';
import { parseStepCommand } from '../../explain/step/step-command.ts';
import { type ViewRow, viewRows } from '../../explain/step/view-rows.ts';
import type { Plan } from '../../plan/step.ts';
import { readLine } from '../../runtime/read-line.ts';
import type { Decision, Stepper, Stop } from '../../runtime/step-through.ts';
import { answerTo, EVERYWHERE, QUIT } from './answer-to.ts';
import { stepSignals } from './step-signals.ts';

export interface ConsoleOptions {
	/** Whether standard input is a terminal; what comes from elsewhere is printed behind the prompt. */
	readonly isTerminal: boolean;
	readonly colour: boolean;
	/** In characters. */
	readonly width: number;
	/** As they were given; none: every step. */
	readonly breakpoints: readonly string[];
	readonly print: (text: string) => void;
}

export interface StepConsole extends Stepper {
	/** @throws TsrunError TSRUN_BAD_FLAG for a breakpoint that the plan does not have */
	readonly check: (plan: Plan) => void;
}

const PROMPT = '(step) ';

/** Somebody at a terminal, or a script, who steps through a plan: shows each stop, and asks until there is a decision. */
export function stepConsole(options: ConsoleOptions): StepConsole {
	const { breakpoints, isTerminal, print } = options;
	const signals = stepSignals();
	let marked: ReadonlySet<number> = new Set();
	/** Steps that are still to be taken without a stop. */
	let left = 0;
	let before: readonly ViewRow[] = [];

	return {
		check: plan => {
			marked = breakpointSteps(plan, breakpoints, '--break');
		},
		stopsAt: ({ number }) => breakpoints.length === 0 || marked.has(number),
		onStart: signals.passTo,
		decide: async stop => {
			if (left > 0 && !marked.has(stop.place.number)) {
				left--;
				return { verdict: 'go', stopsAt: EVERYWHERE };
			}
			const { signal, release } = signals.hold();
			try {
				show(stop);
				const { decision, further } = await ask(stop, AbortSignal.any([signal, stop.gone]));
				left = further;
				return decision;
			} finally {
				release();
			}
		},
	};

	function show(stop: Stop): void {
		const { host, container } = stop.look();
		const rows = host === undefined ? [] : viewRows(host, container, 'short');
		const changed = rows.filter(row => before.length > 0 && !before.some(other => isSame(row, other)));
		before = rows;
		print(formatStop({ ...stop, ...options, rows, changed: new Set(changed.map(({ topic }) => topic)) }));
	}

	async function ask(
		stop: Stop,
		signal: AbortSignal,
	): Promise<{ readonly decision: Decision; readonly further: number }> {
		for (;;) {
			print(PROMPT);
			const line = await readLine(signal);
			if (line === undefined) {
				print(stop.gone.aborted ? '\nthe supervisor has ended\n' : 'quit\n');
				return { decision: QUIT, further: 0 };
			}
			if (!isTerminal) print(`${line}\n`);
			const command = parseStepCommand(line);
			const answer = await answerTo(command, stop, { ...options, marked, onShell: signals.shell });
			if (typeof answer === 'string') print(answer);
			else if (signal.aborted) return { decision: QUIT, further: 0 };
			else return { decision: answer, further: command.kind === 'next' ? command.count - 1 : 0 };
		}
	}
}

const isSame = (one: ViewRow, other: ViewRow): boolean =>
	one.topic === other.topic &&
	one.host.join('\n') === other.host.join('\n') &&
	one.container.join('\n') === other.container.join('\n');
