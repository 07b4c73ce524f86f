import { expect, it } from 'vitest';
import { parseDns, parseDnsOption, parseDnsSearch } from '../../../src/spec/parse-dns.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it('reads servers, domains and options', () => {
	expect(parseDns('9.9.9.9')).toBe('9.9.9.9');
	expect(parseDns('::1')).toBe('::1');
	expect(parseDnsSearch('.')).toBe('.');
	expect(parseDnsSearch('a.example.com')).toBe('a.example.com');
	expect(parseDnsOption('ndots:2')).toBe('ndots:2');
	expect(parseDnsOption('use-vc')).toBe('use-vc');
});

it.each(['', 'dns.example', '1.2.3', '1.1.1.1\nsearch x', '1.1.1.1 8.8.8.8'])('refuses --dns %j', text => {
	expectBadFlag(() => parseDns(text), '--dns', text);
});

it.each(['', 'a b', 'a\nnameserver 6.6.6.6', '..', 'x'.repeat(256)])('refuses --dns-search %j', text => {
	expectBadFlag(() => parseDnsSearch(text), '--dns-search', text.slice(0, 200));
});

it.each(['', 'a b', 'a\nb', 'ndots:x'])('refuses --dns-option %j', text => {
	expectBadFlag(() => parseDnsOption(text), '--dns-option', text);
});
