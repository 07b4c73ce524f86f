import { badLayer, shown } from './bad-layer.ts';

/** What a name that begins with `.wh.` asks for. */
export type Whiteout =
	| { readonly kind: 'remove'; readonly name: string }
	| { readonly kind: 'opaque' }
	/** Bookkeeping of aufs (`.wh..wh.plnk`), which means nothing in an image. */
	| { readonly kind: 'ignore' };

/**
 * Reads the last part of an entry's name (image-spec 1.1, layer.md, "Whiteouts"); undefined for an ordinary name.
 * @throws TsrunError TSRUN_BAD_LAYER for `.wh.`, `.wh..` and `.wh...`, which would remove the directory itself or its parent
 */
export function parseWhiteout(name: string): Whiteout | undefined {
	if (!name.startsWith('.wh.')) return undefined;
	if (name === '.wh..wh..opq') return { kind: 'opaque' };
	if (name.startsWith('.wh..wh.')) return { kind: 'ignore' };
	const removed = name.slice('.wh.'.length);
	if (removed !== '' && removed !== '.' && removed !== '..') return { kind: 'remove', name: removed };
	throw badLayer(`entry ${shown(name)} is refused: it is a whiteout of nothing`);
}
