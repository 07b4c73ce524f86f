import { S_IFDIR, S_IFLNK, S_IFMT } from '../native/flags.ts';
import type { Metadata } from './layer-entry.ts';
import { LayerFs, type Place } from './layer-fs.ts';
import { LayerStack } from './layer-stack.ts';

/** Something in the layers below the one that is being extracted. */
export type LowerEntry =
	| { readonly kind: 'directory'; readonly metadata: Metadata }
	| { readonly kind: 'symlink'; readonly target: string }
	| { readonly kind: 'other' };

/** What an extraction asks of the layers below. Paths hold no links but the last part. */
export interface LowerView {
	readonly lookup: (path: string) => LowerEntry | undefined;
	/** Hard-links a file of the layers below; false where there is none. */
	readonly linkInto: (target: string, layer: LayerFs, place: Place) => boolean;
	readonly close: () => void;
}

/** Thrown by an extraction that was begun before the layers below were there and turns out to need them. */
export class NeedsLowerLayers extends Error {}

/** @param layers directories of the layers below, top first */
export function openLowerView(layers: readonly string[]): LowerView {
	const stack = new LayerStack(layers);
	const opened = new Map<number, LayerFs>();
	return {
		lookup: path => {
			const found = stack.find(path, 'nofollow');
			if (found === undefined) return undefined;
			const type = found.status.mode & S_IFMT;
			if (type === S_IFLNK) return { kind: 'symlink', target: stack.readLink(found) };
			if (type !== S_IFDIR) return { kind: 'other' };
			const { mode, uid, gid, mtimeSec, mtimeNsec } = found.status;
			const metadata = { mode: mode & 0o7777, uid, gid, mtimeSec, mtimeNsec, xattrs: stack.readXattrs(found) };
			return { kind: 'directory', metadata };
		},
		linkInto: (target, layer, place) => {
			const found = stack.find(target, 'nofollow');
			if (found === undefined || (found.status.mode & S_IFMT) === S_IFDIR) return false;
			const lower = opened.get(found.layer) ?? new LayerFs(layers[found.layer] ?? '');
			opened.set(found.layer, lower);
			const slash = found.path.lastIndexOf('/');
			const from = { parent: found.path.slice(0, Math.max(slash, 0)), name: found.path.slice(slash + 1) };
			layer.makeHardLink(place, from, lower);
			return true;
		},
		close: () => {
			stack.close();
			for (const lower of opened.values()) lower.close();
		},
	};
}
