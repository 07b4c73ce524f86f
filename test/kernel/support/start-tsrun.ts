import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { type Sandbox, TSRUN } from './run-tsrun.ts';
import { SLOWNESS } from './slowness.ts';

/** A `dist/tsrun` that goes on while the test does something to it. */
export interface StartedTsrun {
	readonly child: ChildProcess;
	/** Of tsrun, leader of a process group of its own. Where it runs a container, this is the supervisor. */
	readonly pid: number;
	/** The next line of its standard output; fails where there is none in time. */
	readonly nextLine: () => Promise<string>;
	/** As a shell counts: 128 + n where tsrun itself was ended by signal n. */
	readonly ended: Promise<number>;
	/** What it has written to its standard error. */
	readonly stderr: () => string;
}

/** Starts `dist/tsrun` in a sandbox as the leader of a process group, as a shell does. */
export function startTsrun(sandbox: Sandbox, args: readonly string[]): StartedTsrun {
	const child = spawn(TSRUN, args, {
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true,
		env: { ...process.env, ...sandbox.env },
	});
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	let text = '';
	child.stderr.on('data', (part: Buffer) => {
		text += part.toString();
	});
	const exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
	return {
		child,
		pid: child.pid ?? 0,
		nextLine: () => withinTime(lines.next(), () => `no line of output in time: tsrun ${args.join(' ')}\n${text}`),
		ended: exit.then(([code, signal]) => code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
		stderr: () => text,
	};
}

async function withinTime(line: Promise<IteratorResult<string>>, problem: () => string): Promise<string> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(problem())), 20_000 * SLOWNESS);
	});
	const { value, done } = await Promise.race([line, late]).finally(() => clearTimeout(timer));
	if (done === true) throw new Error(problem());
	return value;
}
