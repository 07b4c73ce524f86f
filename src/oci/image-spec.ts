import type { Digest } from '../core/brands.ts';

/** image-spec 1.1, descriptor.md. `size` is in bytes. */
export interface Descriptor {
	readonly mediaType: string;
	readonly digest: Digest;
	readonly size: number;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly platform?: Platform;
	/** In lists of referrers: what kind of artifact it is. */
	readonly artifactType?: string;
}

/** image-spec 1.1, image-index.md, "platform". Names are Go's: `linux`, `amd64`, `arm64`, variant `v8`. */
export interface Platform {
	readonly os: string;
	readonly architecture: string;
	readonly variant?: string;
}

/** image-spec 1.1, manifest.md. */
export interface Manifest {
	readonly schemaVersion: 2;
	readonly mediaType?: string;
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
	readonly annotations?: Readonly<Record<string, string>>;
}

/** What an OCI manifest holds, whatever it is: an image, an attestation, a signature (image-spec 1.1, manifest.md). */
export interface Artifact extends Manifest {
	/** The media type of its config where it names none. */
	readonly artifactType: string;
	/** The manifest that it is about. */
	readonly subject?: Descriptor;
	/** False where config or layers are not those of a container image. */
	readonly isImage: boolean;
}

/** image-spec 1.1, image-index.md. */
export interface Index {
	readonly schemaVersion: 2;
	readonly mediaType?: string;
	readonly manifests: readonly Descriptor[];
	readonly annotations?: Readonly<Record<string, string>>;
}

/** image-spec 1.1, config.md: what `run` reads of an image's configuration. */
export interface ImageConfig {
	readonly os: string;
	readonly architecture: string;
	readonly variant?: string;
	readonly created?: string;
	readonly config: ImageExecution;
	readonly rootfs: { readonly type: 'layers'; readonly diffIds: readonly Digest[] };
}

/** The `config` object: defaults for the container's process. Absent fields are empty. */
export interface ImageExecution {
	/** `user`, `uid`, `user:group`, `uid:gid`, and mixtures; empty is root. */
	readonly user: string;
	readonly env: readonly string[];
	readonly entrypoint: readonly string[];
	readonly cmd: readonly string[];
	readonly workingDir: string;
	/** Absolute paths in the container. */
	readonly volumes: readonly string[];
	readonly labels: Readonly<Record<string, string>>;
	/** `SIGTERM`, `15`, or empty. */
	readonly stopSignal: string;
	readonly exposedPorts: readonly string[];
	readonly healthcheck?: ImageHealthcheck;
	/** Docker's addition: what a `CMD-SHELL` is given to. */
	readonly shell?: readonly string[];
}

/** Docker's addition to the specification. Times are nanoseconds; 0 is unset. */
export interface ImageHealthcheck {
	/** `NONE`; `CMD` and a program with its arguments; or `CMD-SHELL` and a line of the shell. */
	readonly test: readonly string[];
	readonly interval: number;
	readonly timeout: number;
	readonly startPeriod: number;
	readonly retries: number;
}
