import { expect, it } from 'vitest';
import { parseRestart } from '../../../src/spec/parse-restart.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['', { kind: 'no' }],
	['no', { kind: 'no' }],
	['always', { kind: 'always' }],
	['unless-stopped', { kind: 'unless-stopped' }],
	['on-failure', { kind: 'on-failure' }],
	['on-failure:0', { kind: 'on-failure' }],
	['on-failure:3', { kind: 'on-failure', tries: 3 }],
])('reads %j', (text, policy) => {
	expect(parseRestart(text)).toEqual(policy);
});

it.each(['never', 'always:3', 'on-failure:', 'on-failure:x', 'on-failure:-1', 'on-failure:1:2', 'ALWAYS'])(
	'refuses %j',
	text => {
		expectBadFlag(() => parseRestart(text), '--restart', text);
	},
);
