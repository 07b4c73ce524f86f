/** A tar entry. Names ending in `/` are directories; a `linkname` without `type` makes a symbolic link; owner 0:0, mode 0644. */
export interface LayerEntry {
	readonly name: string;
	readonly type?: 'file' | 'link' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo';
	readonly linkname?: string;
	readonly data?: string | Uint8Array;
	readonly mode?: number;
	readonly uid?: number;
	readonly gid?: number;
	readonly mtime?: Date;
	readonly devmajor?: number;
	readonly devminor?: number;
	/** PAX records, such as `SCHILY.xattr.user.note`. */
	readonly pax?: Readonly<Record<string, string>>;
}

export interface LayoutImage {
	readonly layers: readonly { readonly note: string; readonly entries: readonly LayerEntry[] }[];
	/** The `config` object of image-spec config.md: `Env`, `Cmd`, `Entrypoint`, `User`, … */
	readonly config: Readonly<Record<string, unknown>>;
}

/** Writes an OCI image layout with one image under the reference `latest`, in place of `dir`. The same input has the same digest. */
export function writeOciLayout(dir: string, image: LayoutImage): Promise<void>;
