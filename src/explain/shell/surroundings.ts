/** What `run` makes before the first step of a plan, and a script has to make itself. Names and texts are hostile. */
export interface Surroundings {
	/** What the script is of, for its first line. */
	readonly title: string;
	/** Directories that must be there, each with what to do where it is not. */
	readonly required: readonly { readonly path: string; readonly hint: string }[];
	/** In this order; those with `keep` stay afterwards, as a source that a flag made does. */
	readonly directories: readonly NewDirectory[];
	readonly files: readonly { readonly path: string; readonly text: string }[];
	readonly bridges: readonly Bridge[];
	readonly hasAnonymousVolumes: boolean;
}

/** Of a bundle, which is there already. */
export const NO_SURROUNDINGS: Omit<Surroundings, 'title'> = {
	required: [],
	directories: [],
	files: [],
	bridges: [],
	hasAnonymousVolumes: false,
};

export interface NewDirectory {
	readonly path: string;
	readonly mode: number;
	readonly uid?: number;
	readonly gid?: number;
	readonly keep?: boolean;
	/** Time of its last change, in seconds since the epoch, with a fraction. */
	readonly changed?: string;
}

/** The bridge of a network, made where it is missing. */
export interface Bridge {
	readonly name: string;
	/** Number of the host's end of the pair that belongs on it. */
	readonly hostIndex: number;
	readonly mac: string;
	readonly mtu?: number | undefined;
	/** `ADDRESS/PREFIX`. */
	readonly addresses: readonly string[];
}
