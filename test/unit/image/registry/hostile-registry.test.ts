import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { addressFrom } from '../../../../src/image/registry/address-from.ts';
import { openHttp } from '../../../../src/image/registry/http.ts';
import { isTransient } from '../../../../src/image/registry/network-failure.ts';
import { openFake, paths } from './open-fake.ts';

const REQUEST = { method: 'GET', to: 'team/app/tags/list' } as const;

it('headers without an end are cut off, and not asked for again', async () => {
	let sent = 0;
	const server = createServer(socket => {
		socket.on('error', () => {}).write('HTTP/1.1 200 OK\r\n');
		const more = (): void => {
			while (!socket.destroyed && sent < 64 << 20) {
				const line = `x-${sent}: ${'a'.repeat(4096)}\r\n`;
				sent += line.length;
				if (!socket.write(line)) return void socket.once('drain', more);
			}
		};
		more();
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const http = openHttp({ env: {}, isInsecure: true });
	onTestFinished(async () => {
		await http.close();
		server.close();
	});
	const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`);
	const failure: unknown = await http.send({ method: 'GET', url, headers: {} }).catch((error: unknown) => error);
	expect(failure).toMatchObject({ code: 'UND_ERR_HEADERS_OVERFLOW' });
	expect(isTransient(failure)).toBe(false);
	expect(sent).toBeLessThan(64 << 20);
});

it('a token longer than a megabyte is none', async () => {
	const { session, registry } = await openFake(({ path }, host) =>
		path.startsWith('/token')
			? { body: `{"token":"${'a'.repeat(4 << 20)}"}`, isChunked: true }
			: { status: 401, headers: { 'www-authenticate': `Bearer realm="http://${host}/token"` } },
	);
	await expect(session.request(REQUEST)).rejects.toThrow(/got no token from 127/);
	expect(paths(registry)).toHaveLength(2);
});

it.each([
	['of 400 digits', '9'.repeat(400)],
	['61', '61'],
	['in the year 9999', 'Fri, 31 Dec 9999 23:59:59 GMT'],
])('Retry-After %s is not waited for', async (_, retryAfter) => {
	const { session, registry, waits } = await openFake(() => ({
		status: 429,
		headers: { 'retry-after': retryAfter },
	}));
	expect((await session.request(REQUEST)).status).toBe(429);
	expect([registry.asked.length, waits]).toEqual([1, []]);
});

it.each(['-1', 'soon', '1e9', 'NaN'])('Retry-After: %s is asked again a few times', async retryAfter => {
	const { session, waits } = await openFake(() => ({ status: 503, headers: { 'retry-after': retryAfter } }));
	expect((await session.request(REQUEST)).status).toBe(503);
	expect(waits).toEqual([250, 500, 1000, 2000]);
});

it('an address without TLS is refused where there was TLS, unless the registry may be insecure', () => {
	const from = new URL('https://example.com/v2/');
	const pointer = { subject: 's', host: 'example.com', words: 'redirects to' };
	const ask = (isInsecure: boolean): URL => addressFrom(from, 'http://example.com/u', { ...pointer, isInsecure });
	expect(() => ask(false)).toThrow('registry example.com redirects to http://example.com, without TLS');
	expect(ask(true).href).toBe('http://example.com/u');
	expect(addressFrom(from, '/u', { ...pointer, isInsecure: false }).href).toBe('https://example.com/u');
});
