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

/** Where people see it. */
export interface LayerDisplay {
	readonly onLayer: OnLayer;
	/** A line of its own among the layers'. */
	readonly say: (line: string) => void;
	/** The layers' lines stay as they are from now on. */
	readonly end: () => void;
}
