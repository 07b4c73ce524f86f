import { closeSync, openSync, writeSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { attempt } from '../core/system-failure.ts';
import { formatTrace } from '../explain/format-trace.ts';
import { type Trace, traceOf } from '../explain/trace.ts';
import { traceToJson } from '../explain/trace-to-json.ts';
import type { RunRequest } from '../runtime/prepare-container.ts';
import { runTimed } from '../runtime/run.ts';

/**
 * `tsrun run --trace[=FILE]`: the run, then its trace on standard error or in the file.
 * @returns the exit code of the container
 */
export async function runTraced(request: RunRequest, reporter: readonly string[], file: string): Promise<number> {
	requireOneRun(request.options);
	// before the container is there, lest the trace have no place
	const fd =
		file === ''
			? 2
			: attempt({ code: 'TSRUN_TRACE', action: `write the trace to ${file} (--trace)` }, () => openSync(file, 'w'));
	try {
		const run = await runTimed(request, reporter);
		writeAll(fd, textOf(traceOf({ ...run, began: performance.timeOrigin }), file));
		return run.exitCode;
	} finally {
		if (fd !== 2) closeSync(fd);
	}
}

function requireOneRun({ detach, restart }: RunRequest['options']): void {
	if (detach) throw conflict('--detach', 'nobody would wait for the trace');
	if (restart.kind !== 'no') throw conflict('--restart', 'a trace is of one run');
}

const conflict = (flag: string, reason: string): TsrunError =>
	new TsrunError('TSRUN_BAD_FLAG', `--trace and ${flag} exclude each other: ${reason}`);

function textOf(trace: Trace, file: string): string {
	return file === '' ? formatTrace(trace, process.stderr.isTTY === true) : `${JSON.stringify(traceToJson(trace))}\n`;
}

function writeAll(fd: number, text: string): void {
	const bytes = Buffer.from(text);
	for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}
