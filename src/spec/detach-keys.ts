import { badFlag } from './bad-flag.ts';

export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q';

/**
 * The bytes that a terminal sends for docker's words: `a`, `ctrl-a`, with commas between them.
 * @returns no byte where the text is empty: nothing detaches then
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseDetachKeys(text: string): readonly number[] {
	if (text === '') return [];
	return text.split(',').map(word => {
		if (/^[\x20-\x7e]$/.test(word)) return word.charCodeAt(0);
		const letter = /^ctrl-([a-z@[\\\]^_])$/i.exec(word)?.[1]?.toUpperCase();
		if (letter !== undefined) return letter.charCodeAt(0) - 0x40;
		throw badFlag('--detach-keys', text, {
			problem: `has ${JSON.stringify(word)}, which is no key`,
			hint: 'a key is one character, or ctrl- and a letter or one of @ [ \\ ] ^ _',
			example: `--detach-keys ${DEFAULT_DETACH_KEYS}`,
		});
	});
}

/** Looks for the keys in what is typed. The beginning of them waits until the next key tells whether it is one. */
export class KeyWatch {
	readonly #keys: readonly number[];
	#matched = 0;

	constructor(keys: readonly number[]) {
		this.#keys = keys;
	}

	/** @returns what is to be passed on, and whether the keys were complete: what comes after them is dropped */
	push(bytes: Uint8Array): { readonly passed: Uint8Array; readonly isDetached: boolean } {
		if (this.#keys.length === 0) return { passed: bytes, isDetached: false };
		const passed: number[] = [];
		for (const byte of bytes) {
			this.#take(byte, passed);
			if (this.#matched === this.#keys.length) return { passed: Uint8Array.from(passed), isDetached: true };
		}
		return { passed: Uint8Array.from(passed), isDetached: false };
	}

	/** Of what was held back and is no longer a beginning, the rest may be one: ctrl-p ctrl-p ctrl-q detaches. */
	#take(byte: number, passed: number[]): void {
		const held = [...this.#keys.slice(0, this.#matched), byte];
		while (held.length > 0 && !held.every((each, index) => each === this.#keys[index])) passed.push(held.shift() ?? 0);
		this.#matched = held.length;
	}
}
