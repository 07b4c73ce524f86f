import { readFileSync } from 'node:fs';
import { type LayerEntry, writeOciLayout } from '../../../rootfs-fixtures/oci-layout.mjs';
import { compileWitness } from './compile-witness.ts';

export interface WitnessImageOptions {
	/** Entries after the witness, in the same layer; a later entry of the same name wins. */
	readonly files?: readonly LayerEntry[];
	/** Layers above the first one. */
	readonly layers?: readonly (readonly LayerEntry[])[];
	/** Fields of the image's `config` object beside `Entrypoint`. */
	readonly config?: Readonly<Record<string, unknown>>;
	/** Puts the host's static busybox at /bin/busybox and /bin/sh. */
	readonly busybox?: boolean;
}

const FOLDERS = ['bin/', 'dev/', 'etc/', 'proc/', 'sys/', 'tmp/'];

/**
 * Writes an image whose entrypoint is the witness to `dir`, and returns its name for the command line: `oci:<dir>:latest`.
 * It has root, and user 1000 `guest`, in its passwd.
 */
export async function witnessImage(dir: string, options: WitnessImageOptions = {}): Promise<string> {
	const shell: readonly LayerEntry[] = [
		{ name: 'bin/busybox', mode: 0o755, data: readFileSync('/bin/busybox') },
		{ name: 'bin/sh', linkname: 'busybox' },
	];
	const first: readonly LayerEntry[] = [
		...FOLDERS.map(name => ({ name, mode: name === 'tmp/' ? 0o1777 : 0o755 })),
		{ name: 'etc/passwd', data: 'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/:/bin/sh\n' },
		{ name: 'etc/group', data: 'root:x:0:\nguest:x:1000:\nextra:x:2000:guest\n' },
		{ name: 'witness', mode: 0o755, data: readFileSync(compileWitness()) },
		...(options.busybox === true ? shell : []),
		...(options.files ?? []),
	];
	const layers = [first, ...(options.layers ?? [])].map((entries, index) => ({ note: `layer ${index + 1}`, entries }));
	await writeOciLayout(dir, { layers, config: { Entrypoint: ['/witness'], ...options.config } });
	return `oci:${dir}:latest`;
}
