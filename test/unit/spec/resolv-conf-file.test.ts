import { expect, it } from 'vitest';
import { isStub, type ResolvConfInput, resolvConfFile } from '../../../src/spec/resolv-conf-file.ts';

const base: ResolvConfInput = { hostFile: undefined, dns: [], search: [], options: [], networkMode: 'none' };
const host =
	'# made by hand\nnameserver 127.0.0.53\nnameserver 10.0.0.1\ndomain old.example\nsearch a.example b.example\noptions ndots:2 edns0\nsortlist 10.0.0.0\n';
const rest = 'search a.example b.example\noptions ndots:2 edns0\nsortlist 10.0.0.0\n';

it.each<[string, Partial<ResolvConfInput>, string]>([
	["the host's own on its network", { hostFile: host, networkMode: 'host' }, host],
	['nothing where the host has nothing, on its network', { networkMode: 'host' }, ''],
	['no loopback servers of the host', { hostFile: host }, `nameserver 10.0.0.1\n${rest}`],
	[
		'fallback servers when none is left',
		{ hostFile: 'nameserver 127.0.0.53\n' },
		'nameserver 8.8.8.8\nnameserver 8.8.4.4\n',
	],
	['fallback servers without a host file', {}, 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n'],
	[
		'--dns instead of servers, loopback as well',
		{ hostFile: host, dns: ['127.0.0.1'] },
		`nameserver 127.0.0.1\n${rest}`,
	],
	[
		'--dns-search instead of domains',
		{ hostFile: host, search: ['x'] },
		'nameserver 10.0.0.1\nsearch x\noptions ndots:2 edns0\nsortlist 10.0.0.0\n',
	],
	[
		'--dns-search . as none',
		{ hostFile: host, search: ['.'] },
		'nameserver 10.0.0.1\noptions ndots:2 edns0\nsortlist 10.0.0.0\n',
	],
	[
		'--dns-option instead of options',
		{ hostFile: host, options: ['use-vc'] },
		'nameserver 10.0.0.1\nsearch a.example b.example\noptions use-vc\nsortlist 10.0.0.0\n',
	],
	[
		"flags over the host's own, loopback kept on its network",
		{ hostFile: host, search: ['.'], networkMode: 'host' },
		'nameserver 127.0.0.53\nnameserver 10.0.0.1\noptions ndots:2 edns0\nsortlist 10.0.0.0\n',
	],
	[
		'no server that is none',
		{ hostFile: 'nameserver x\nnameserver\nnameserver 1.1.1.1 2.2.2.2\n' },
		'nameserver 1.1.1.1\n',
	],
	[
		'no server behind an interface of the host',
		{ hostFile: 'nameserver fe80::1%eth0\nnameserver ::1\nnameserver 2001:db8::1' },
		'nameserver 2001:db8::1\n',
	],
	[
		'domain where no search follows',
		{ hostFile: 'nameserver 1.1.1.1\nsearch a\ndomain b\n' },
		'nameserver 1.1.1.1\nsearch b\n',
	],
])('has %s', (_, part, text) => {
	expect(resolvConfFile({ ...base, ...part })).toBe(text);
});

it.each([
	['nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n', true],
	['nameserver 127.0.0.53\nnameserver 10.0.0.1\n', false],
	['nameserver 127.0.0.1\n', false],
	['', false],
])('takes %j for the stub of systemd-resolved: %s', (text, isOne) => {
	expect(isStub(text)).toBe(isOne);
});
