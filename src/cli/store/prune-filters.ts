import { labelsMatch, parseFilters, parseMoment } from '../format/parse-filters.ts';

/** What `until`, `label` and `label!` leave. Times in ISO 8601. */
export type Accepts = (thing: {
	readonly created?: string;
	readonly labels: Readonly<Record<string, string>>;
}) => boolean;

export const PRUNE_FILTERS = ['until', 'label', 'label!'];

/** @throws TsrunError TSRUN_BAD_FLAG */
export function pruneFilters(words: readonly string[], now: number): Accepts {
	const { until = [], label = [], 'label!': unlabelled = [] } = parseFilters(words, PRUNE_FILTERS);
	const moments = until.map(text => parseMoment('--filter until', text, now));
	return ({ created, labels }) =>
		moments.every(moment => (created === undefined ? 0 : Date.parse(created)) < moment) &&
		labelsMatch(labels, label) &&
		unlabelled.every(each => !labelsMatch(labels, [each]));
}
