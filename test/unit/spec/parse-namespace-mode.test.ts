import { expect, it } from 'vitest';
import { type NamespaceFlag, parseNamespaceMode } from '../../../src/spec/parse-namespace-mode.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each<[NamespaceFlag, string, object]>([
	['--pid', 'host', { kind: 'host' }],
	['--pid', 'private', { kind: 'private' }],
	['--ipc', 'none', { kind: 'none' }],
	['--ipc', 'shareable', { kind: 'private' }],
	['--uts', 'host', { kind: 'host' }],
	['--network', 'none', { kind: 'none' }],
	['--network', 'container:web-1', { kind: 'container', container: 'web-1' }],
])('reads %s %s', (flag, text, mode) => {
	expect(parseNamespaceMode(flag, text)).toEqual(mode);
});

it.each<[NamespaceFlag, string]>([
	['--pid', ''],
	['--pid', 'none'],
	['--pid', 'container:'],
	['--pid', 'container:../x'],
	['--uts', 'none'],
	['--ipc', 'HOST'],
	['--network', 'bridge'],
	['--network', 'constructor'],
])('refuses %s %j', (flag, text) => {
	expect(expectBadFlag(() => parseNamespaceMode(flag, text), flag, text).hint).toContain('container:<id or name>');
});
