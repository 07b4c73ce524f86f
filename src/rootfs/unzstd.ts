import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { badLayer } from './bad-layer.ts';

/** What Node has since 22.15; the types of Node 20 do not know it. */
interface ZstdModule {
	readonly createZstdDecompress?: (options: object) => Transform;
	readonly constants: Readonly<Record<string, number>>;
}

export interface UnzstdOptions {
	/** Of a chunk of the output, in bytes. */
	readonly chunkSize: number;
	/** For tests: Node's own module, or one without zstd. */
	readonly module?: ZstdModule;
	/** For tests: where the program may be. */
	readonly programs?: readonly string[];
}

/** Of the host, by fixed paths: no PATH decides which program reads a layer (CVE-2026-41567). */
const PROGRAMS = ['/usr/bin/zstd', '/bin/zstd', '/usr/local/bin/zstd'];
/** As the program's default: 128 MiB, and no frame makes a reader take more. */
const WINDOW_LOG_MAX = 27;

/**
 * Undoes zstd (RFC 8878), any number of frames and skippable frames, as `zstd:chunked` has them: with Node where it can, else by the
 * program of the host.
 * @throws TsrunError TSRUN_BAD_LAYER for data that is damaged or cut off, and where neither is there
 */
export async function* unzstd(
	source: Readable,
	{ chunkSize, module = zlib as unknown as ZstdModule, programs = PROGRAMS }: UnzstdOptions,
): AsyncGenerator<Buffer> {
	if (module.createZstdDecompress !== undefined) {
		const params = { [module.constants.ZSTD_d_windowLogMax ?? 0]: WINDOW_LOG_MAX };
		const decompressor = module.createZstdDecompress({ chunkSize, params });
		source.on('error', error => decompressor.destroy(error));
		yield* source.pipe(decompressor);
		return;
	}
	const program = programs.find(path => existsSync(path));
	if (program !== undefined) return yield* throughProgram(source, program);
	source.destroy();
	throw badLayer(`is compressed with zstd, which Node ${process.versions.node} cannot undo`, {
		hint: 'install the program zstd, or run tsrun with Node 22.15 or later',
	});
}

async function* throughProgram(source: Readable, program: string): AsyncGenerator<Buffer> {
	const child = spawn(program, ['-dcq', `--memory=${2 ** WINDOW_LOG_MAX}`], { env: {}, stdio: 'pipe' });
	const ended = new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	let words = '';
	child.stderr.setEncoding('utf8').on('data', text => {
		words = (words + text).slice(-1000);
	});
	// it may end before it has read everything, and tells by its exit code why
	child.stdin.on('error', () => source.destroy());
	source.on('error', () => child.kill());
	source.pipe(child.stdin);
	try {
		yield* child.stdout;
		if (source.errored) throw source.errored;
		if ((await ended) !== 0) throw damaged(words);
	} finally {
		source.destroy();
		child.kill();
		await ended.catch(() => null);
	}
}

const damaged = (words: string): Error =>
	badLayer(
		`cannot be decompressed: ${
			words
				.trim()
				.split('\n')
				.at(-1)
				?.replace(/^.*\bzstd: /, '') ?? ''
		}`,
		{
			hint: 'the layer is truncated or damaged',
		},
	);
