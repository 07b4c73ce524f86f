import { expect, it } from 'vitest';
import { parseExpose, parsePublish } from '../../../src/spec/parse-publish.ts';

const at = (first: number, last = first) => ({ first, last });

it.each([
	['80', [{ port: 80, protocol: 'tcp', hostPorts: at(0) }]],
	['8080:80', [{ port: 80, protocol: 'tcp', hostPorts: at(8080) }]],
	['8080:80/udp', [{ port: 80, protocol: 'udp', hostPorts: at(8080) }]],
	['127.0.0.1:8080:80', [{ port: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPorts: at(8080) }]],
	['127.0.0.1::80', [{ port: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPorts: at(0) }]],
	['[::1]:8080:80', [{ port: 80, protocol: 'tcp', hostAddress: '::1', hostPorts: at(8080) }]],
	['8000-8010:80', [{ port: 80, protocol: 'tcp', hostPorts: at(8000, 8010) }]],
	[
		'8000-8001:80-81',
		[
			{ port: 80, protocol: 'tcp', hostPorts: at(8000) },
			{ port: 81, protocol: 'tcp', hostPorts: at(8001) },
		],
	],
])('--publish %s', (text, expected) => {
	expect(parsePublish(text)).toEqual(expected);
});

it.each([
	['', 'is not [ADDRESS:][HOST:]CONTAINER[/PROTOCOL]'],
	['web:80', 'is not [ADDRESS:][HOST:]CONTAINER[/PROTOCOL]'],
	['0:80', 'has no port or range of ports from 1 to 65535, "0"'],
	['80:65536', 'has no port or range of ports from 1 to 65535, "65536"'],
	['90-80:80', 'has no port or range of ports from 1 to 65535, "90-80"'],
	['8000-8002:80-81', 'has 3 ports of the host for 2 of the container'],
	['80/sctp', 'has the protocol "sctp"; there are tcp and udp'],
	['300.0.0.1:80:80', 'has no IP address, "300.0.0.1"'],
])('--publish %j is refused by name', (text, problem) => {
	expect(() => parsePublish(text)).toThrow(`--publish ${JSON.stringify(text)} ${problem}`);
});

it('--expose names ports and ranges of them', () => {
	expect(parseExpose('80')).toEqual([{ port: 80, protocol: 'tcp' }]);
	expect(parseExpose('53-54/udp').map(({ port }) => port)).toEqual([53, 54]);
	expect(() => parseExpose('http')).toThrow('--expose "http" is not PORT[-PORT][/PROTOCOL]');
});
