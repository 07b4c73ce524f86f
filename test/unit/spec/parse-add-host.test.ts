import { expect, it } from 'vitest';
import { parseAddHost } from '../../../src/spec/parse-add-host.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['db:10.0.0.5', 'db', '10.0.0.5'],
	['db=10.0.0.5', 'db', '10.0.0.5'],
	['db:::1', 'db', '::1'],
	['db:[2001:db8::1]', 'db', '2001:db8::1'],
	['a.b-c:127.0.0.1', 'a.b-c', '127.0.0.1'],
	['host.docker.internal:host-gateway', 'host.docker.internal', 'host-gateway'],
])('reads %s', (text, name, address) => {
	expect(parseAddHost(text)).toEqual({ name, address });
});

it.each(['', 'db', 'db:', ':1.2.3.4', 'db:x', 'db:1.2.3', 'a b:1.2.3.4', 'db:1.2.3.4\n6.6.6.6 x'])(
	'refuses %j',
	text => {
		expectBadFlag(() => parseAddHost(text), '--add-host', text);
	},
);
