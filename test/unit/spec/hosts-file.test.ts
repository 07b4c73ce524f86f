import { expect, it } from 'vitest';
import { hostsFile } from '../../../src/spec/hosts-file.ts';

const input = {
	hostname: 'web',
	domainname: undefined,
	addHosts: [],
	loopbackOnly: false,
	networkHost: false,
	hostFile: '127.0.0.1 the-host\n',
};
const db = { name: 'db', address: '10.0.0.5' };

it('has the usual lines and nothing of the host', () => {
	expect(hostsFile(input)).toBe(
		'127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\n' +
			'ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n',
	);
});

it('adds the lines of --add-host', () => {
	expect(hostsFile({ ...input, addHosts: [db] })).toMatch(/\n10\.0\.0\.5\tdb\n$/);
});

it.each([
	['web', undefined, 'web'],
	['web', 'example.com', 'web.example.com web'],
	['web.example.com', undefined, 'web.example.com web'],
])('finds itself, %s in %s, by loopback when there is nothing else', (hostname, domainname, names) => {
	expect(hostsFile({ ...input, hostname, domainname, loopbackOnly: true }).endsWith(`\n127.0.0.1\t${names}\n`)).toBe(
		true,
	);
});

it("copies the host's file on the host's network, unless lines are added", () => {
	expect(hostsFile({ ...input, networkHost: true })).toBe('127.0.0.1 the-host\n');
	expect(hostsFile({ ...input, networkHost: true, addHosts: [db] })).toBe(hostsFile({ ...input, addHosts: [db] }));
	expect(hostsFile({ ...input, networkHost: true, hostFile: undefined })).toBe(hostsFile(input));
});
