import { expect, it } from 'vitest';
import { parseNetworkCounters } from '../../../src/stats/network-counters.ts';

const HEADS = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;
const line = (name: string, received: string, sent: string) =>
	`${name}: ${received} 1 2 3 4 5 6 7 ${sent} 8 9 10 11 12 13 14\n`;

it('adds up all interfaces but the loopback, with every digit', () => {
	const text = `${HEADS}${line('    lo', '77', '77')}${line('  eth0', '18446744073709551615', '5')}${line('veth1.2@x', '1', '6')}`;
	expect(parseNetworkCounters(text)).toEqual({ received: 2n ** 64n, sent: 11n });
});

it.each(['', HEADS, `${HEADS}eth0: 1 2 3\n`, '\0\0'])('counts nothing in %j', text => {
	expect(parseNetworkCounters(text)).toEqual({ received: 0n, sent: 0n });
});
