import type { MessagePort } from 'node:worker_threads';
import type { Extraction, ExtractJob } from './extract-layer.ts';

// One layer between the thread that reads it and the one that writes it, on a port of its own:
//
//   reader                                   writer
//     │── { job, port } ─────────────────────▶ │  (to the thread)
//     │── bytes of the tar ──────────────────▶ │
//     │ ◀─────────────────────────── 'taken' ──│  one for each piece
//     │── 'verified' or 'failed' ────────────▶ │  after the last piece
//     │ ◀────────────────────── ExtractReply ──│  at any moment; nothing follows it

export interface ExtractRequest {
	readonly job: ExtractJob;
	readonly port: MessagePort;
}

export type FromReader = Uint8Array | 'verified' | 'failed';

export type FromWriter = 'taken' | ExtractReply;

export type ExtractReply =
	| { readonly kind: 'done'; readonly extraction: Extraction }
	| { readonly kind: 'failure'; readonly failure: ErrorInWords }
	/** The reader has failed. */
	| { readonly kind: 'stopped' };

/** An error as plain data. */
export interface ErrorInWords {
	readonly code?: `TSRUN_${string}`;
	readonly message: string;
	readonly hint?: string;
	readonly exitCode?: number;
}
