import type { Digest } from '../core/brands.ts';

/** How far a layer has come on its way from or to a registry; `received` and `size` are bytes of its blob. */
export interface LayerProgress {
	readonly digest: Digest;
	readonly state:
		| 'waiting'
		| 'downloading'
		| 'downloaded'
		| 'extracting'
		| 'done'
		| 'present'
		| 'pushing'
		| 'pushed'
		| 'mounted';
	readonly received: number;
	readonly size: number;
}

export type OnLayer = (progress: LayerProgress) => void;
