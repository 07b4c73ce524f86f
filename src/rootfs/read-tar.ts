import { extract, type Header } from 'tar-stream';
import { badLayer } from './bad-layer.ts';
import { type LayerEntry, makeEntry } from './layer-entry.ts';
import type { DataSink } from './layer-writer.ts';
import { TarExtensions } from './tar-extensions.ts';

export interface TarReader {
	/** Called in the order of the archive; what it throws ends the reading. */
	readonly onEntry: (entry: LayerEntry) => DataSink | undefined;
	readonly maxEntries: number;
}

/** Names stay bytes; tar-stream knows these options, its types do not. */
const OPTIONS = { highWaterMark: 1 << 20, filenameEncoding: 'latin1', allowUnknownFormat: true };

/**
 * Reads a tar archive to its end, entry after entry.
 * @throws TsrunError TSRUN_BAD_LAYER, and what `onEntry` and `chunks` throw
 */
export async function readTar(chunks: AsyncIterable<Buffer>, { onEntry, maxEntries }: TarReader): Promise<void> {
	const extensions = new TarExtensions();
	const parser = extract(OPTIONS);
	let failure: unknown;
	let entries = 0;
	const fail = (error: unknown): void => {
		failure ??= error;
	};
	parser.on('entry', (header: Header, data, next) => {
		let sink: DataSink | undefined;
		const guarded = (call: () => void): void => {
			if (failure !== undefined) return;
			try {
				call();
			} catch (error) {
				fail(error);
			}
		};
		guarded(() => {
			if (++entries > maxEntries) throw badLayer(`has more than ${maxEntries} entries`);
			sink = onEntry(makeEntry(header, extensions.take()));
		});
		if (header.size === 0) {
			guarded(() => sink?.end());
			data.resume();
			next();
			return;
		}
		data.on('data', chunk => guarded(() => sink?.write(chunk as Buffer)));
		data.on('end', () => {
			guarded(() => sink?.end());
			next();
		});
	});
	const closed = new Promise<void>(resolve => {
		parser.on('error', fail);
		parser.on('close', resolve);
	});
	try {
		for await (const chunk of chunks) {
			for (const part of extensions.push(chunk)) {
				if (failure === undefined && !parser.write(part)) await drained(parser, closed);
			}
			if (failure !== undefined) break;
		}
		const rest = failure === undefined ? extensions.finish() : Buffer.alloc(0);
		if (rest.length > 0 && !parser.write(rest)) await drained(parser, closed);
	} catch (error) {
		fail(error);
	}
	if (failure === undefined) parser.end(undefined);
	else parser.destroy();
	await closed;
	if (failure !== undefined) throw failure;
}

function drained(parser: ReturnType<typeof extract>, closed: Promise<void>): Promise<void> {
	return Promise.race([closed, new Promise<void>(resolve => parser.once('drain', resolve))]);
}
