import type { Store } from '../store/open-store.ts';
import { findImage } from './image-document.ts';

export interface HistoryStep {
	/** The image's id at the last step; `<missing>` before, since there are no images between layers. */
	readonly id: string;
	readonly created?: string;
	readonly createdBy: string;
	readonly comment: string;
	/** Bytes of the layer's blob; 0 of a step that made none. */
	readonly size: number;
}

/** How an image came to be, the last step first. Layers that no step speaks of come at the end. */
export function imageHistory(store: Store, text: string): readonly HistoryStep[] {
	const { manifest, document } = findImage(store, text);
	const sizes = manifest.layers.map(({ size }) => size);
	const told = (document.history ?? []).map(
		({ created, created_by: createdBy = '', comment = '', empty_layer: empty }) => ({
			...(created === undefined ? {} : { created }),
			createdBy,
			comment,
			size: empty === true ? 0 : (sizes.shift() ?? 0),
		}),
	);
	const untold = sizes.map(size => ({ createdBy: '', comment: '', size }));
	return [...told, ...untold]
		.reverse()
		.map((step, index) => ({ id: index === 0 ? manifest.config.digest : '<missing>', ...step }));
}
