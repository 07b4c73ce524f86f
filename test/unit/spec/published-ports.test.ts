import { expect, it } from 'vitest';
import { publishedPorts } from '../../../src/spec/published-ports.ts';

const at = (port: number, hostPort: number, protocol: 'tcp' | 'udp' = 'tcp') => ({
	port,
	protocol,
	hostPorts: { first: hostPort, last: hostPort },
});
const expose = [
	{ port: 53, protocol: 'udp' as const },
	{ port: 80, protocol: 'tcp' as const },
];

it('are those of --publish alone', () => {
	expect(publishedPorts({ publish: [at(80, 8080)], expose, publishAll: false }, ['443/tcp'])).toEqual([at(80, 8080)]);
});

it('are with --publish-all each exposed one besides, once, at a port that the kernel chooses', () => {
	expect(publishedPorts({ publish: [at(80, 8080)], expose, publishAll: true }, ['443/tcp', '53/udp', '80'])).toEqual([
		at(80, 8080),
		at(443, 0),
		at(53, 0, 'udp'),
	]);
});
