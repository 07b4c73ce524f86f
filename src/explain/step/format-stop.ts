import { errnoName } from '../../core/errno.ts';
import { TsrunError } from '../../core/errors.ts';
import type { ProcessView } from '../../plan/process-view.ts';
import type { Plan } from '../../plan/step.ts';
import { inOrder, type StepPlace } from '../../plan/step-order.ts';
import type { StepTimes } from '../../plan/step-times.ts';
import { describeStep } from '../describe-step.ts';
import { notesOf } from '../format-plan.ts';
import { type Paint, painter } from '../paint.ts';
import { printable } from '../printable.ts';
import { shortIds } from './short-ids.ts';
import { sideBySide } from './side-by-side.ts';
import { TOPICS, type Topic, type ViewRow, viewRows } from './view-rows.ts';

export interface StopText {
	readonly plan: Plan;
	readonly place: StepPlace;
	/** As the machine noted them, by the number of the step. */
	readonly times: readonly (StepTimes | undefined)[];
	readonly skipped: ReadonlySet<number>;
	readonly supervisor: number;
	readonly init: number | undefined;
	readonly rows: readonly ViewRow[];
	/** What is otherwise than at the stop before. */
	readonly changed: ReadonlySet<Topic>;
	/** In characters. */
	readonly width: number;
	readonly colour: boolean;
}

const PAST = 2;
const AHEAD = 3;
const LABEL = 6;

/** Where the run stands: what has been, the step that comes, what follows it, and host and container side by side. */
export function formatStop(text: StopText): string {
	const { plan, place, times, skipped, supervisor, rows, changed, width, colour } = text;
	const paint = painter(colour);
	const order = inOrder(plan);
	const position = order.findIndex(({ number }) => number === place.number);
	const past = order
		.filter(({ number }) => times[number] !== undefined)
		.toSorted((a, b) => Number((times[a.number]?.began ?? 0n) - (times[b.number]?.began ?? 0n)))
		.slice(-PAST);
	const ahead = order.slice(position + 1, position + 1 + AHEAD);
	const { list, index, step } = place;
	const title = `── before ${list} ${index} of ${plan[list].length - 1}, ${step.phase} `;
	return `${[
		paint('bold', title.padEnd(width, '─')),
		...past.map(each => labelled('done', paint('dim', cut(pastLine(each), width - LABEL)), paint)),
		labelled('next', `${paint('bold', printable(`${list} ${index} ${describeStep(step)}`))}`, paint),
		labelled('', paint('dim', notesOf(step)), paint),
		...ahead.map(each => labelled('then', paint('dim', cut(lineOf(each), width - LABEL)), paint)),
		sideBySide(rows, {
			width,
			paint,
			changed,
			host: hostHeading(supervisor),
			container: containerHeading(text),
		}),
	].join('\n')}\n`;

	function pastLine(each: StepPlace): string {
		return `${lineOf(each)} = ${resultOf(times[each.number], skipped.has(each.number))}`;
	}
}

export interface InfoText
	extends Pick<StopText, 'plan' | 'place' | 'times' | 'init' | 'supervisor' | 'width' | 'colour'> {
	readonly host: ProcessView;
	readonly container: ProcessView | undefined;
	/** How a topic begins; undefined: all. */
	readonly topic: string | undefined;
}

/** All that is known of host and container, or of one topic. @throws TsrunError TSRUN_USAGE for a topic that is none */
export function formatInfo(text: InfoText): string {
	const { host, container, topic = '', supervisor, width, colour } = text;
	const rows = viewRows(host, container, 'full').filter(row => row.topic.startsWith(topic));
	if (rows.length === 0) {
		const hint = `there are ${TOPICS.join(', ')}`;
		throw new TsrunError('TSRUN_USAGE', `info: there is no topic ${JSON.stringify(topic.slice(0, 40))}`, { hint });
	}
	const columns = { width, paint: painter(colour), changed: new Set<Topic>() };
	return `${sideBySide(rows, { ...columns, host: hostHeading(supervisor), container: containerHeading(text) })}\n`;
}

const hostHeading = (supervisor: number): string => `host, supervisor ${supervisor}`;

const containerHeading = (stop: Pick<StopText, 'init' | 'plan' | 'place' | 'times'>): string =>
	stop.init === undefined ? noContainer(stop) : `container, init ${stop.init}`;

/** Why there is no process of the container. */
export function noContainer({ plan, place, times }: Pick<StopText, 'plan' | 'place' | 'times'>): string {
	const index = plan.setup.findIndex(({ op }) => op === 'clone' || op === 'clone3');
	const isBefore = place.list === 'setup' && times[index] === undefined;
	return isBefore ? `no container yet: setup ${index} makes its process` : 'no container any more';
}

const labelled = (label: string, text: string, paint: Paint): string => `${paint('cyan', label.padEnd(LABEL))}${text}`;

const lineOf = ({ list, index, step }: StepPlace): string =>
	printable(`${list} ${index} ${shortIds(describeStep(step))}`);

/** What came of a step: `ok, 12.3 µs`, the name of an errno, `skipped`. */
export function resultOf(times: StepTimes | undefined, isSkipped: boolean): string {
	if (isSkipped) return 'skipped';
	if (times?.ended === undefined) return 'not yet';
	const took = `${(Number(times.ended - times.began) / 1000).toFixed(1)} µs`;
	return `${times.errno === undefined ? 'ok' : errnoName(times.errno)}, ${took}`;
}

/** In the middle, so that the result stays. */
function cut(text: string, width: number): string {
	if (text.length <= width) return text;
	const end = Math.floor(width / 3);
	return `${text.slice(0, width - end - 1)}…${text.slice(-end)}`;
}
