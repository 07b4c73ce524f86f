import { expect, it } from 'vitest';
import { parseHostname } from '../../../src/spec/parse-hostname.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each(['a', 'web-1', 'web.example.com', 'my_host', 'x'.repeat(64)])('takes %s', text => {
	expect(parseHostname('--hostname', text)).toBe(text);
});

it.each(['', '-a', 'a-', '.a', 'a b', 'a\n127.0.0.1 x', 'ä', 'a/b', 'x'.repeat(65)])('refuses %j', text => {
	expectBadFlag(() => parseHostname('--hostname', text), '--hostname', text);
	expectBadFlag(() => parseHostname('--domainname', text), '--domainname', text);
});
