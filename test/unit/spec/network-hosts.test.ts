import { expect, it } from 'vitest';
import { networkHosts } from '../../../src/spec/network-hosts.ts';

it('has the usual lines, then its own names, then those of others', () => {
	const own = [{ address: '10.0.0.2', names: ['web'] }];
	const others = [{ address: '10.0.0.3', names: ['db', 'store'] }];
	expect(networkHosts('127.0.0.1\tlocalhost\n', own, others)).toBe(
		'127.0.0.1\tlocalhost\n10.0.0.2\tweb\n10.0.0.3\tdb store\n',
	);
});
