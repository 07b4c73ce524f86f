import { expect, it } from 'vitest';
import { parsePlatform } from '../../../src/spec/parse-platform.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['linux', 'linux'],
	['linux/arm64', 'linux/arm64'],
	['Linux/ARM/v7', 'linux/arm/v7'],
])('reads %s', (text, platform) => {
	expect(parsePlatform(text)).toBe(platform);
});

it.each(['', '/', 'linux/', 'linux/arm64/v8/x', 'linux arm64', '../x'])('refuses %j', text => {
	expectBadFlag(() => parsePlatform(text), '--platform', text);
});
