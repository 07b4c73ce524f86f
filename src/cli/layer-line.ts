import type { LayerProgress } from '../runtime/layer-progress.ts';
import { sizeText } from './format/size-text.ts';

export const STATE_WORDS: Readonly<Record<LayerProgress['state'], string>> = {
	waiting: 'Waiting',
	downloading: 'Downloading',
	downloaded: 'Download complete',
	extracting: 'Extracting',
	done: 'Pull complete',
	present: 'Already exists',
	pushing: 'Pushing',
	pushed: 'Pushed',
	mounted: 'Mounted',
};

const BAR = 24;

/** One line for a layer on its way, no wider than the terminal: `0123456789ab: Downloading [====>   ] 12.3MB/45MB 5.1MB/s`. */
export function layerLine(
	{ digest, state, received, size }: LayerProgress,
	{ columns, seconds }: { readonly columns: number; readonly seconds: number },
): string {
	const name = digest.slice('sha256:'.length, 'sha256:'.length + 12);
	const line = `${name}: ${STATE_WORDS[state]}`;
	if (state !== 'downloading' && state !== 'pushing') return line.slice(0, columns);
	const share = size === 0 ? 1 : Math.min(1, received / size);
	const filled = Math.floor(share * BAR);
	const bar = `[${'='.repeat(filled)}${filled < BAR ? '>' : ''}${' '.repeat(Math.max(0, BAR - filled - 1))}]`;
	const rate = seconds < 0.2 ? '' : ` ${sizeText(received / seconds)}/s`;
	return `${line} ${bar} ${sizeText(received)}/${sizeText(size)}${rate}`.slice(0, columns);
}
