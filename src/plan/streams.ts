import type { ContainerInput, PlanInput, StreamInput } from './container-input.ts';
import type { Step } from './step.ts';

const NAMES = ['stdin', 'stdout', 'stderr'] as const;
const O_RDWR = 2;
/** Of openTerminal (native/terminal.c). */
const TERMINAL_CONSOLE = 1;
const TERMINAL_PLAIN_LINES = 2;

const CONSOLE: Step = {
	op: 'createInRoot',
	path: '/dev/console',
	mode: 0o600,
	phase: 'devices',
	why: 'a file to bind the terminal on',
	from: '/process/terminal',
};

export interface StreamPlan {
	readonly setup: readonly Step[];
	/** Init, while the host's /proc and the container's /dev/pts are both within reach. */
	readonly terminal: readonly Step[];
	/** Init, after setsid. */
	readonly standard: readonly Step[];
	readonly supervise: Step;
}

/** Terminal or pipes, and how the supervisor copies them. */
export function compileStreams({ spec, container }: PlanInput, { console = true } = {}): StreamPlan {
	const hasTerminal = spec.process?.terminal === true;
	const streams: readonly StreamInput[] = NAMES.map(name => container.streams[name]);
	const supervise: Step = {
		op: 'supervise',
		rawTerminal: hasTerminal ? rawness(container.terminal) : 0,
		terminalInput: container.terminal.input ? 1 : 0,
		phase: 'supervise',
		why: 'wait for the end of init, pass signals on, copy its streams',
	};
	if (hasTerminal) {
		const { height = 0, width = 0 } = spec.process?.consoleSize ?? {};
		return {
			setup: [],
			supervise,
			terminal: [
				...(console ? [CONSOLE] : []),
				{
					op: 'openTerminal',
					rows: height,
					columns: width,
					uid: spec.process?.user.uid ?? 0,
					flags: (console ? TERMINAL_CONSOLE : 0) | (container.terminal.plainLines === true ? TERMINAL_PLAIN_LINES : 0),
					phase: 'devices',
					why: `a pseudoterminal of the container’s own devpts${console ? ', its slave on /dev/console' : ''}`,
					from: '/process/terminal',
				},
			],
			standard: [
				{
					op: 'controllingTerminal',
					phase: 'process',
					why: 'the terminal becomes the standard streams and controls the session',
					from: '/process/terminal',
				},
			],
		};
	}
	return {
		setup: streams.flatMap((stream, fd): readonly Step[] =>
			stream === 'pipe'
				? [
						{
							op: 'pipe',
							fd,
							phase: 'supervise',
							why: `${NAMES[fd]} is copied: the container never holds the caller's terminal`,
						},
					]
				: [],
		),
		supervise,
		terminal: [],
		standard: streams.flatMap((stream, fd): readonly Step[] => {
			if (stream === 'inherit') return [];
			const path = stream === 'null' ? '/dev/null' : '';
			return [
				{
					op: 'standardStream',
					fd,
					path,
					flags: O_RDWR,
					phase: 'process',
					why:
						stream === 'null'
							? `${NAMES[fd]} is the container’s own null device`
							: `${NAMES[fd]} is a pipe to the supervisor`,
				},
			];
		}),
	};
}

/** 0: left alone; 1: raw; 2: raw, but it makes line ends, since the container's terminal does not (native/supervise.c). */
function rawness({ raw, plainLines }: ContainerInput['terminal']): number {
	if (!raw) return 0;
	return plainLines === true ? 2 : 1;
}
