import type { LayerFs } from './layer-fs.ts';
import type { DataSink } from './layer-writer.ts';
import type { SparseMap } from './sparse-map.ts';

/** Writes a file's data, with holes where a sparse map says so. @param finish gets the length to set, for a sparse file */
export function writeData(
	fs: LayerFs,
	{ fd, sparse }: { readonly fd: number; readonly sparse: SparseMap | undefined },
	finish: (size: number | undefined) => void,
): DataSink {
	let position = 0;
	if (sparse === undefined) {
		return {
			write: chunk => {
				fs.write(fd, chunk, position);
				position += chunk.length;
			},
			end: () => finish(undefined),
		};
	}
	let segment = 0;
	let done = 0;
	return {
		write: chunk => {
			for (let at = 0; at < chunk.length; ) {
				const offset = sparse.segments[segment] ?? 0;
				const length = sparse.segments[segment + 1] ?? 0;
				const part = chunk.subarray(at, at + length - done);
				fs.write(fd, part, offset + done);
				at += part.length;
				done += part.length;
				if (done < length) continue;
				segment += 2;
				done = 0;
			}
		},
		end: () => finish(sparse.realSize),
	};
}
