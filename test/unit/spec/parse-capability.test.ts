import { expect, it } from 'vitest';
import { parseCapability } from '../../../src/spec/parse-capability.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['ALL', 'ALL'],
	['all', 'ALL'],
	['NET_ADMIN', 'CAP_NET_ADMIN'],
	['cap_net_admin', 'CAP_NET_ADMIN'],
])('reads %s', (text, name) => {
	expect(parseCapability('--cap-add', text)).toBe(name);
});

it.each(['', 'CAP_', 'NET', 'CAP_CAP_CHOWN', 'CHOWN ', 'NET_ADMIN,CHOWN'])('refuses %j', text => {
	expectBadFlag(() => parseCapability('--cap-drop', text), '--cap-drop', text);
});
