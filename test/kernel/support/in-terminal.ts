import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { compileProgram } from './compile-program.ts';
import { SLOWNESS } from './slowness.ts';

export interface TerminalOptions {
	readonly rows?: number;
	readonly columns?: number;
	readonly env?: Readonly<Record<string, string>>;
}

export interface EndOfTerminal {
	readonly exitCode: number;
	/** Everything that was shown, with the terminal's own line ends. */
	readonly output: string;
	/** Whether the terminal's settings are those from before the command. */
	readonly restored: boolean;
}

/** A command in a terminal window, and a person before it. */
export interface Terminal {
	readonly type: (text: string) => void;
	readonly resize: (rows: number, columns: number) => void;
	/** Waits until this was shown. @throws after ten seconds, with what was shown instead */
	readonly shows: (pattern: RegExp) => Promise<void>;
	readonly end: Promise<EndOfTerminal>;
}

const PATIENCE_MS = 10_000;

export function inTerminal(
	command: readonly string[],
	{ rows = 24, columns = 80, env = {} }: TerminalOptions = {},
): Terminal {
	const program = compileProgram('in-terminal.c', ['-lutil']);
	const child = spawn(program, [String(rows), String(columns), ...command], {
		stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
		env: { ...process.env, ...env },
	});
	const [stdin, stdout, , control, report] = child.stdio as [Writable, Readable, null, Writable, Readable];
	let output = '';
	let verdict = '';
	const waiting = new Set<() => void>();
	stdout.setEncoding('utf8').on('data', (text: string) => {
		output += text;
		for (const look of waiting) look();
	});
	report.setEncoding('utf8').on('data', (text: string) => {
		verdict += text;
	});
	return {
		type: text => stdin.write(text),
		resize: (height, width) => control.write(`${height} ${width}\n`),
		shows: pattern =>
			new Promise((resolve, reject) => {
				const timer = setTimeout(() => {
					waiting.delete(look);
					child.kill('SIGKILL');
					reject(new Error(`${pattern} was not shown, but ${JSON.stringify(output.slice(-2000))}`));
				}, PATIENCE_MS * SLOWNESS);
				const look = (): void => {
					if (!pattern.test(output)) return;
					clearTimeout(timer);
					waiting.delete(look);
					resolve();
				};
				waiting.add(look);
				look();
			}),
		end: new Promise(resolve => {
			child.once('close', (code, signal) =>
				resolve({ exitCode: code ?? (signal === null ? 0 : 137), output, restored: verdict === 'restored\n' }),
			);
		}),
	};
}
