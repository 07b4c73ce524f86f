import { badFlag } from './bad-flag.ts';
import type { NamespaceMode } from './run-options.ts';

/** Flag → the words it knows beside `container:<id or name>`. `shareable` is docker's word for a private one others may join. */
const WORDS = {
	'--pid': { private: 'private', host: 'host' },
	'--ipc': { private: 'private', shareable: 'private', host: 'host', none: 'none' },
	'--uts': { private: 'private', host: 'host' },
	'--network': { private: 'none', none: 'none', host: 'host' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, 'private' | 'host' | 'none'>>>>;

export type NamespaceFlag = keyof typeof WORDS;

/** @throws TsrunError TSRUN_BAD_FLAG */
export function parseNamespaceMode(flag: NamespaceFlag, text: string): NamespaceMode {
	const words: Readonly<Record<string, 'private' | 'host' | 'none'>> = WORDS[flag];
	const kind = Object.hasOwn(words, text) ? words[text] : undefined;
	if (kind !== undefined) return { kind };
	const container = /^container:([a-zA-Z0-9][a-zA-Z0-9_.-]*)$/.exec(text)?.[1];
	if (container !== undefined) return { kind: 'container', container };
	const known = [...Object.keys(words), 'container:<id or name>'].join(', ');
	throw badFlag(flag, text, { problem: 'is not a namespace', hint: `there are ${known}` });
}
