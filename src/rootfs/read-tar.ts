import { badLayer } from './bad-layer.ts';
import { type OnEntry, TarParser } from './tar-parser.ts';

export interface TarReader {
	/** Called in the order of the archive; what it throws ends the reading. */
	readonly onEntry: OnEntry;
	readonly maxEntries: number;
}

/**
 * Reads a tar archive to its end, entry after entry.
 * @throws TsrunError TSRUN_BAD_LAYER, and what `onEntry` and `chunks` throw
 */
export async function readTar(chunks: AsyncIterable<Buffer>, { onEntry, maxEntries }: TarReader): Promise<void> {
	let entries = 0;
	const parser = new TarParser(entry => {
		if (++entries > maxEntries) throw badLayer(`has more than ${maxEntries} entries`);
		return onEntry(entry);
	});
	for await (const chunk of chunks) parser.push(chunk);
	parser.finish();
}
