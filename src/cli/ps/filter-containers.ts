import { TsrunError } from '../../core/errors.ts';
import type { ContainerSummary } from '../../runtime/list-containers.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { type Filters, labelsMatch } from '../format/parse-filters.ts';
import { stateOf } from './container-row.ts';

export const CONTAINER_FILTERS = [
	'name',
	'id',
	'status',
	'exited',
	'label',
	'ancestor',
	'network',
	'publish',
	'health',
	'before',
	'since',
];
const HEALTHS = ['starting', 'healthy', 'unhealthy', 'none'];
const STATES = ['created', 'running', 'paused', 'restarting', 'exited', 'dead'];

/**
 * Those that fit one value of each key, and of labels all (docker ps).
 * @param containers all of them, newest first
 * @throws TsrunError TSRUN_BAD_FLAG, TSRUN_NO_SUCH_CONTAINER
 */
export function filterContainers(
	containers: readonly ContainerSummary[],
	filters: Filters,
): readonly ContainerSummary[] {
	const { label = [], before = [], since = [], ...others } = filters;
	for (const state of others.status ?? []) requireState(state);
	for (const health of others.health ?? []) requireHealth(health);
	const tests = Object.entries(others).map(([key, values]) => (container: ContainerSummary) => {
		const test = TESTS[key];
		return test === undefined || values.some(value => test(container, value));
	});
	const below = before.map(text => find(containers, text).created);
	const above = since.map(text => find(containers, text).created);
	return containers.filter(
		container =>
			labelsMatch(container.labels, label) &&
			tests.every(test => test(container)) &&
			below.every(time => container.created < time) &&
			above.every(time => container.created > time),
	);
}

const TESTS: Readonly<Record<string, (container: ContainerSummary, value: string) => boolean>> = {
	name: ({ name }, value) => pattern('name', value).test(name),
	id: ({ id }, value) => id.startsWith(value),
	status: (container, value) => stateOf(container) === value,
	exited: ({ exitCode }, value) => String(exitCode) === value,
	ancestor: ({ image, imageDigest }, value) =>
		[image, imageDigest].includes(value) ||
		image === `${value}:latest` ||
		`${image}:latest` === value ||
		(value.length >= 12 && imageDigest.startsWith(`sha256:${value}`)),
	network: ({ networks }, value) => networks.includes(value),
	health: ({ health = 'none' }, value) => health === value,
	publish: ({ ports }, value) => {
		const [port, protocol = 'tcp'] = value.split('/');
		return ports.some(each => String(each.hostPort) === port && each.protocol === protocol);
	},
};

/** docker's names are patterns. */
function pattern(key: string, value: string): RegExp {
	try {
		return new RegExp(value);
	} catch {
		throw badFlag('--filter', `${key}=${value}`, { problem: 'is no pattern', example: `--filter ${key}=^web$` });
	}
}

function requireState(state: string): void {
	if (STATES.includes(state)) return;
	throw badFlag('--filter', `status=${state}`, { problem: `is no state; there are ${STATES.join(', ')}` });
}

function requireHealth(health: string): void {
	if (HEALTHS.includes(health)) return;
	throw badFlag('--filter', `health=${health}`, { problem: `is no health; there are ${HEALTHS.join(', ')}` });
}

function find(containers: readonly ContainerSummary[], text: string): ContainerSummary {
	const found = containers.find(({ id, name }) => name === text || id.startsWith(text));
	if (found !== undefined) return found;
	throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${text}`);
}
