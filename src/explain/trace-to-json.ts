import { OPS } from '../plan/op-table.ts';
import type { Trace, TraceStep } from './trace.ts';

/** Threads of the timeline: what of tsrun is at work. */
const THREADS = { tsrun: 1, supervisor: 2, init: 3 } as const;

/**
 * The trace as JSON that chrome://tracing and Perfetto open too, which take of it what they know (Trace Event Format: complete events
 * "X", metadata "M"; times in microseconds). `steps` and `phases` are for everybody else.
 */
export function traceToJson({ prepared, steps, phases }: Trace): object {
	return {
		traceEvents: [
			...Object.entries(THREADS).map(([name, tid]) => ({ ph: 'M', name: 'thread_name', pid: 1, tid, args: { name } })),
			{ ph: 'X', name: 'image, plan and state', cat: 'typescript', pid: 1, tid: THREADS.tsrun, ts: 0, dur: prepared },
			...steps.map(eventOf),
		],
		displayTimeUnit: 'ms',
		prepared,
		steps: steps.map(({ list, index, step, call, at, took, waits, result }) => ({
			list,
			index,
			op: step.op,
			phase: step.phase,
			call,
			at,
			...(took === undefined ? {} : { took }),
			waits,
			result,
		})),
		phases,
	};
}

function eventOf({ list, step, call, at, took, result }: TraceStep): object {
	const { op, phase, why, from } = step;
	return {
		ph: 'X',
		name: op,
		cat: phase,
		pid: 1,
		tid: list === 'init' ? THREADS.init : THREADS.supervisor,
		ts: at,
		dur: took ?? 0,
		args: { call, why, ...(from === undefined ? {} : { from }), manual: OPS[op].manual, result },
	};
}
