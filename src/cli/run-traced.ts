import { closeSync, openSync, writeFileSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { attempt } from '../core/system-failure.ts';
import { formatTrace } from '../explain/format-trace.ts';
import { callsOf, type Trace, type TracedRun, traceOf } from '../explain/trace.ts';
import { traceToJson } from '../explain/trace-to-json.ts';
import type { Plan } from '../plan/step.ts';
import type { RunRequest } from '../runtime/prepare-container.ts';
import { runTimed } from '../runtime/run.ts';
import { printError } from './print-error.ts';

/**
 * `tsrun run --trace[=FILE]`: the run, then its trace on standard error or in the file.
 * @returns the exit code of the container
 */
export async function runTraced(request: RunRequest, reporter: readonly string[], file: string): Promise<number> {
	requireOneRun(request.options);
	if (file === '') {
		const { exitCode, trace } = await traced(request, reporter);
		const [, , isTerminal] = request.terminals;
		printError(formatTrace(trace, isTerminal));
		return exitCode;
	}
	// before the container is there, lest the trace have no place
	const fd = attempt({ code: 'TSRUN_TRACE', action: `write the trace to ${file} (--trace)` }, () =>
		openSync(file, 'w'),
	);
	try {
		const { exitCode, trace } = await traced(request, reporter);
		writeFileSync(fd, `${JSON.stringify(traceToJson(trace))}\n`);
		return exitCode;
	} finally {
		closeSync(fd);
	}
}

async function traced(
	request: RunRequest,
	reporter: readonly string[],
): Promise<{ readonly exitCode: number; readonly trace: Trace }> {
	let calls: TracedRun['calls'] = new Map();
	const run = await runTimed(request, reporter, plan => {
		calls = callsOf(plan);
		rehearse(plan, calls);
	});
	return { exitCode: run.exitCode, trace: traceOf({ ...run, calls, began: performance.timeOrigin }) };
}

/** The first time is the slow one: engines compile then. */
function rehearse(plan: Plan, calls: TracedRun['calls']): void {
	const times = Array.from(calls, () => ({ began: 1n, ended: 2n }));
	formatTrace(traceOf({ plan, calls, times, began: 0, handedOver: 0 }), false);
}

function requireOneRun({ detach, restart }: RunRequest['options']): void {
	if (detach) throw conflict('--detach', 'nobody would wait for the trace');
	if (restart.kind !== 'no') throw conflict('--restart', 'a trace is of one run');
}

const conflict = (flag: string, reason: string): TsrunError =>
	new TsrunError('TSRUN_BAD_FLAG', `--trace and ${flag} exclude each other: ${reason}`);
