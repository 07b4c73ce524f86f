import { expect, it } from 'vitest';
import { type EndpointFlags, parseNetworks } from '../../../src/spec/parse-network.ts';

const NO_FLAGS: EndpointFlags = { aliases: [], linkLocal: [] };
const parse = (texts: readonly string[], flags: Partial<EndpointFlags> = {}) =>
	parseNetworks(texts, { ...NO_FLAGS, ...flags }, 'none');
const plain = (name: string) => ({ name, aliases: [], linkLocal: [] });

it('words stand for themselves', () => {
	expect(parse([])).toEqual({ kind: 'none' });
	expect(parseNetworks([], NO_FLAGS, 'bridge')).toEqual({ kind: 'networks', networks: [plain('bridge')] });
	expect(parse(['host'])).toEqual({ kind: 'host' });
	expect(parse(['container:web'])).toEqual({ kind: 'container', container: 'web' });
	expect(parse(['ns:/run/netns/blue'])).toEqual({ kind: 'path', path: '/run/netns/blue' });
	expect(parse(['default'])).toEqual({ kind: 'networks', networks: [plain('bridge')] });
});

it('names are networks: with commas, or several times, or in full', () => {
	const both = { kind: 'networks', networks: [plain('one'), plain('two')] };
	expect(parse(['one,two'])).toEqual(both);
	expect(parse(['one', 'two'])).toEqual(both);
	expect(parse(['name=one,alias=db,alias=store,ip=10.0.0.5,mac-address=02:00:00:00:00:0A'])).toEqual({
		kind: 'networks',
		networks: [{ ...plain('one'), aliases: ['db', 'store'], ip: '10.0.0.5', mac: '02:00:00:00:00:0a' }],
	});
});

it('flags say more of the only network', () => {
	expect(parse(['one'], { ip: '10.0.0.5', ip6: 'fd00::5', aliases: ['db'], linkLocal: ['169.254.1.1'] })).toEqual({
		kind: 'networks',
		networks: [{ name: 'one', aliases: ['db'], linkLocal: ['169.254.1.1'], ip: '10.0.0.5', ip6: 'fd00::5' }],
	});
});

it.each([
	[['a b'], {}, '--network "a b" is not a network'],
	[['host', 'one'], {}, '--network "host" stands alone, without other networks'],
	[['one,one'], {}, '--network "one" is named twice'],
	[['ns:blue'], {}, '--network "ns:blue" names no absolute path'],
	[['ip=10.0.0.5'], {}, '--network "ip=10.0.0.5" has no name='],
	[['name=one,colour=red'], {}, '--network "name=one,colour=red" has "colour=red"'],
	[['one'], { ip: 'fd00::5' }, '--ip "fd00::5" is no address of IPv4'],
	[['one'], { ip6: '10.0.0.5' }, '--ip6 "10.0.0.5" is no address of IPv6'],
	[['one'], { mac: '01:00:00:00:00:01' }, '--mac-address "01:00:00:00:00:01" is no address that an interface can have'],
	[['one'], { aliases: ['a b'] }, '--network-alias "a b" is no host name'],
	[['one', 'two'], { ip: '10.0.0.5' }, '--ip "10.0.0.5" does not say which of several networks it is for'],
	[['none'], { ip: '10.0.0.5' }, '--ip "10.0.0.5" is for networks, and --network none is none'],
	[['bridge'], { aliases: ['db'] }, '--network-alias "db" is for networks with names, and bridge has none'],
])('%j with %j is refused by name', (texts, flags, message) => {
	expect(() => parse(texts, flags)).toThrow(message);
});
