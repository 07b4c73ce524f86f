import { expect, it } from 'vitest';
import { proxyFor } from '../../../../src/image/registry/proxy-for.ts';

const PROXY = { HTTPS_PROXY: 'http://proxy:3128', http_proxy: 'user:pw@plain:1' };
const through = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href;

it('is told for each scheme, in either case, with or without a scheme of its own', () => {
	expect(through('https://a.io/x', PROXY)).toBe('http://proxy:3128/');
	expect(through('http://a.io/x', PROXY)).toBe('http://user:pw@plain:1/');
	expect(through('https://a.io/x', {})).toBeUndefined();
});

it.each(['https://localhost/x', 'https://127.0.0.1:5000/x', 'https://127.9.9.9/', 'https://[::1]:5000/x'])(
	'is never used for the machine itself: %s',
	url => {
		expect(through(url, PROXY)).toBeUndefined();
	},
);

it.each([
	['a.io', 'https://a.io/', true],
	['a.io', 'https://b.a.io/', true],
	['.a.io', 'https://b.a.io/', true],
	['.a.io', 'https://a.io/', false],
	['a.io', 'https://xa.io/', false],
	['A.IO', 'https://a.io/', true],
	['a.io:5000', 'https://a.io:5000/', true],
	['a.io:5000', 'https://a.io/', false],
	['a.io:443', 'https://a.io/', true],
	['x, a.io ,y', 'https://a.io/', true],
	['*', 'https://a.io/', true],
	['10.0.0.0/8', 'https://10.1.2.3/', true],
	['10.0.0.0/8', 'https://11.1.2.3/', false],
	['10.0.0.0/99', 'https://10.1.2.3/', false],
	['10.1.2.3', 'https://10.1.2.3:5000/', true],
	['fd00::/8', 'https://[fd12::1]/', true],
	['[fd00::1]:443', 'https://[fd00::1]/', true],
	['fd00::1', 'https://[fd00::1]/', true],
	['', 'https://a.io/', false],
	[',', 'https://a.io/', false],
])('NO_PROXY=%s leaves out %s: %s', (exceptions, url, isLeftOut) => {
	expect(through(url, { ...PROXY, NO_PROXY: exceptions }) === undefined).toBe(isLeftOut);
});

it.each(['socks5://x', 'http://[', '::'])('that is none is refused without its password: %s', proxy => {
	expect(() => through('https://a.io/', { HTTPS_PROXY: proxy })).toThrow('HTTPS_PROXY is not the URL of an HTTP proxy');
});
