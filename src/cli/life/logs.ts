import type { Command } from 'commander';
import { openLog } from '../../runtime/life/open-log.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { parseTime } from '../../spec/parse-time.ts';
import { rootsOf } from '../roots.ts';
import { LineOutput } from './line-output.ts';

interface Flags {
	readonly follow?: boolean;
	readonly tail: string;
	readonly since?: string;
	readonly until?: string;
	readonly timestamps?: boolean;
}

/** `tsrun logs`: what a container wrote, its stdout on stdout and its stderr on stderr. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.option('-f, --follow', 'go on until the container has ended')
		.option('-n, --tail <lines>', 'this many of the last lines, or all', 'all')
		.option('--since <time>', 'from then on: a time, or a duration such as 10m before now')
		.option('--until <time>', 'up to then')
		.option('-t, --timestamps', 'begin each line with its time')
		.action(async (container: string) => {
			const { follow = false, tail, since, until, timestamps = false } = command.opts<Flags>();
			const now = Date.now();
			const [from, to] = [
				since === undefined ? '' : parseTime('--since', since, now),
				until === undefined ? undefined : parseTime('--until', until, now),
			];
			const { lines, trouble } = openLog(rootsOf(command).state, container, { follow, ...tailOf(tail) });
			if (trouble !== undefined) process.stderr.write(`tsrun: ${trouble}\n`);
			const output = new LineOutput();
			const isContinued = { stdout: false, stderr: false };
			for await (const line of lines) {
				if (line.time < from) continue;
				if (to !== undefined && line.time > to) break;
				const head = timestamps && !isContinued[line.stream] ? `${line.time} ` : '';
				isContinued[line.stream] = line.isPartial;
				const stream = line.stream === 'stdout' ? process.stdout : process.stderr;
				if (!(await output.push(stream, withHead(head, line.text)))) return;
			}
			await output.flush();
		});
}

const withHead = (head: string, text: Uint8Array): Uint8Array =>
	head === '' ? text : Buffer.concat([Buffer.from(head), text]);

function tailOf(text: string): { readonly tail?: number } {
	if (text === 'all' || text === '-1') return {};
	if (!/^\d{1,12}$/.test(text))
		throw badFlag('--tail', text, { problem: 'is not a number of lines', example: '--tail 100' });
	return { tail: Number(text) };
}
