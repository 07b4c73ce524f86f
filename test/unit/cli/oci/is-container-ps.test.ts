import { expect, it } from 'vitest';
import { isContainerPs } from '../../../../src/cli/oci/is-container-ps.ts';

it.each([
	[[], false],
	[['-a'], false],
	[['--format', 'json', '-q'], false],
	[['--format=json'], false],
	[['--filter', 'name=web'], false],
	[['-af', 'name=web', '-n', '3', '--last', '2'], false],
	[['--filter=name=web', 'web'], true],
	[['web'], true],
	[['--format', 'json', 'web'], true],
	[['-f', 'json', 'web', '-e'], true],
	[['web', '-aux'], true],
])('ps %j: of a container is %s', (words, expected) => {
	expect(isContainerPs(words)).toBe(expected);
});
