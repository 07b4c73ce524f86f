import type { LayerDisplay, LayerProgress, OnLayer } from '../runtime/layer-progress.ts';
import { standardTerminals } from '../runtime/open-container-roots.ts';
import { layerLine, STATE_WORDS } from './layer-line.ts';

const REDRAW_MS = 100;

/** How layers come, on stderr: on a terminal a line for each that changes, in a pipe a line for each that is there. */
export function layerProgress(quiet: boolean): LayerDisplay {
	if (quiet) return { onLayer: () => {}, say: () => {}, end: () => {} };
	const say = (line: string): void => {
		process.stderr.write(`${line}\n`);
	};
	return standardTerminals()[2] ? onTerminal(say) : { onLayer: inPipe(say), say, end: () => {} };
}

/** Only ends are told. */
function inPipe(say: LayerDisplay['say']): OnLayer {
	const told = new Map<string, string>();
	return ({ digest, state }) => {
		if (!['present', 'done', 'pushed', 'mounted'].includes(state) || told.get(digest) === state) return;
		told.set(digest, state);
		say(`${digest.slice('sha256:'.length, 'sha256:'.length + 12)}: ${STATE_WORDS[state]}`);
	};
}

function onTerminal(say: LayerDisplay['say']): LayerDisplay {
	const layers = new Map<string, LayerProgress & { readonly since: number }>();
	let drawn = 0;
	let timer: NodeJS.Timeout | undefined;
	const draw = (): void => {
		const [columns, rows] = process.stderr.getWindowSize();
		const now = Date.now();
		const lines = [...layers.values()].map(layer => layerLine(layer, { columns, seconds: (now - layer.since) / 1000 }));
		// what has scrolled away cannot be reached any more
		const visible = lines.slice(-Math.max(1, rows - 1));
		const up = drawn === 0 ? '' : `\x1b[${drawn}A`;
		process.stderr.write(`${up}${visible.map(line => `\r\x1b[2K${line}\n`).join('')}`);
		drawn = visible.length;
	};
	const stop = (): void => {
		clearInterval(timer);
		timer = undefined;
	};
	return {
		onLayer: progress => {
			const before = layers.get(progress.digest);
			const since = before?.state === progress.state ? before.since : Date.now();
			layers.set(progress.digest, { ...progress, since });
			timer ??= setInterval(draw, REDRAW_MS).unref();
		},
		say,
		end: () => {
			if (timer === undefined) return;
			stop();
			draw();
			layers.clear();
			drawn = 0;
		},
	};
}
