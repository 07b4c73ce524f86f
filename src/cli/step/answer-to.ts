import { TsrunError } from '../../core/errors.ts';
import { breakpointSteps } from '../../explain/step/breakpoints.ts';
import { formatInfo, noContainer } from '../../explain/step/format-stop.ts';
import { STEP_HELP, type StepCommand } from '../../explain/step/step-command.ts';
import { whyNotSkipped } from '../../explain/step/why-not-skipped.ts';
import { type ShellRequest, shellBeside, shellInside } from '../../runtime/step-shell.ts';
import type { Decision, Stop } from '../../runtime/step-through.ts';
import { errorText } from '../report-error.ts';

export const EVERYWHERE = (): boolean => true;
export const QUIT: Decision = { verdict: 'quit', stopsAt: EVERYWHERE };

export interface AnswerOptions {
	readonly isTerminal: boolean;
	readonly colour: boolean;
	/** In characters. */
	readonly width: number;
	/** Numbers of the steps that have a breakpoint. */
	readonly marked: ReadonlySet<number>;
	readonly onShell: ShellRequest['onStart'];
}

/** A decision, or what is to be printed before the next command. */
export async function answerTo(command: StepCommand, stop: Stop, options: AnswerOptions): Promise<Decision | string> {
	try {
		return await answer(command, stop, options);
	} catch (error) {
		if (error instanceof TsrunError) return errorText(error);
		throw error;
	}
}

async function answer(command: StepCommand, stop: Stop, options: AnswerOptions): Promise<Decision | string> {
	switch (command.kind) {
		case 'next':
			return { verdict: 'go', stopsAt: EVERYWHERE };
		case 'continue':
			return { verdict: 'go', stopsAt: until(command.to, stop, options.marked) };
		case 'skip': {
			const reason = whyNotSkipped(stop.place);
			if (reason === undefined) return { verdict: 'skip', stopsAt: EVERYWHERE };
			return `this step cannot be skipped: ${reason}\n`;
		}
		case 'sh':
		case 'host':
			return shell(command, stop, options);
		case 'info':
			return info(command.topic, stop, options);
		case 'quit':
			return QUIT;
		case 'help':
			return STEP_HELP;
		case 'wrong':
			return `${command.problem}\n`;
	}
}

function until(place: string | undefined, { plan }: Stop, marked: ReadonlySet<number>): Decision['stopsAt'] {
	const further = place === undefined ? new Set<number>() : breakpointSteps(plan, [place], 'continue');
	return ({ number }) => marked.has(number) || further.has(number);
}

async function shell(
	{ kind, command }: Extract<StepCommand, { kind: 'sh' | 'host' }>,
	stop: Stop,
	{ isTerminal, onShell }: AnswerOptions,
): Promise<string> {
	const { init, supervisor } = stop;
	const env = { TSRUN_SUPERVISOR: String(supervisor), ...(init === undefined ? {} : { TSRUN_INIT: String(init) }) };
	const request = { command, isTerminal, env, onStart: onShell };
	if (kind === 'sh' && init === undefined) return `${noContainer(stop)}\n`;
	const code = await (kind === 'sh' ? shellInside(init ?? 0, request) : shellBeside(request));
	return code === 0 ? '' : `${kind} ended with ${code}\n`;
}

function info(topic: string | undefined, stop: Stop, options: AnswerOptions): string {
	const { host, container } = stop.look();
	if (host === undefined) return 'nothing can be read from /proc\n';
	return formatInfo({ ...stop, ...options, host, container, topic });
}
