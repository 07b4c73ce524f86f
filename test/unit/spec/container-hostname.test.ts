import { expect, it } from 'vitest';
import { containerHostname } from '../../../src/spec/container-hostname.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../src/spec/run-options.ts';
import { ID } from './spec-input-fixture.ts';

it.each<[string, Partial<RunOptions>, string]>([
	['twelve digits of the id', {}, '0123456789ab'],
	['the flag', { hostname: 'web' }, 'web'],
	["the host's with the host's uts", { uts: { kind: 'host' } }, 'box'],
	["the host's with the host's network", { network: { kind: 'host' } }, 'box'],
	["the flag with the host's network", { network: { kind: 'host' }, hostname: 'web' }, 'web'],
])('is %s', (_, options, name) => {
	expect(containerHostname({ ...DEFAULT_RUN_OPTIONS, ...options }, ID, 'box')).toBe(name);
});
