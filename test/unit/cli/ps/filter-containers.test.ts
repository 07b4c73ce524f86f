import { expect, it } from 'vitest';
import { parseFilters } from '../../../../src/cli/format/parse-filters.ts';
import { CONTAINER_FILTERS, filterContainers } from '../../../../src/cli/ps/filter-containers.ts';
import { summary } from './summaries.ts';

const CONTAINERS = [
	summary('web', {
		created: '2026-01-03T00:00:00.000Z',
		labels: { tier: 'front' },
		ports: [{ protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, port: 80 }],
	}),
	summary('web-old', { created: '2026-01-02T00:00:00.000Z', status: 'exited', exitCode: 1, networks: [] }),
	summary('db', { created: '2026-01-01T00:00:00.000Z', status: 'paused', image: 'redis:7', labels: { tier: 'back' } }),
];
const names = (...words: readonly string[]) =>
	filterContainers(CONTAINERS, parseFilters(words, CONTAINER_FILTERS)).map(({ name }) => name);

it.each([
	[[], ['web', 'web-old', 'db']],
	[['name=web'], ['web', 'web-old']],
	[['name=^web$'], ['web']],
	[['id=776562'], ['web', 'web-old']],
	[['status=exited'], ['web-old']],
	[
		['status=exited', 'status=paused'],
		['web-old', 'db'],
	],
	[['exited=1'], ['web-old']],
	[['exited=0'], []],
	[['label=tier'], ['web', 'db']],
	[['label=tier=back'], ['db']],
	[['ancestor=redis:7'], ['db']],
	[['ancestor=docker.io/library/debian'], ['web', 'web-old']],
	[['ancestor=abababababab', 'status=running'], ['web']],
	[['network=bridge'], ['web', 'db']],
	[['publish=8080'], ['web']],
	[['publish=8080/udp'], []],
	[['before=web'], ['web-old', 'db']],
	[['since=db', 'before=web'], ['web-old']],
])('%j: %j', (words, found) => {
	expect(names(...words)).toEqual(found);
});

it.each([
	['status=gone', '--filter "status=gone" is no state; there are created, running, paused, restarting, exited, dead'],
	['name=(', '--filter "name=(" is no pattern'],
	['since=nobody', 'no such container: nobody'],
	['colour=red', 'has the key "colour"; there are name, id, status'],
])('%s is refused', (word, message) => {
	expect(() => names(word)).toThrow(message);
});
