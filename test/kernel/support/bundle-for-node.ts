import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface Bundle {
	readonly path: string;
	readonly remove: () => void;
}

/** A source file of this repository as one file of JavaScript, for a process of its own: Node 20 runs no TypeScript. */
export async function bundleForNode(source: string): Promise<Bundle> {
	mkdirSync(join(ROOT, 'build'), { recursive: true });
	const folder = mkdtempSync(join(ROOT, 'build/test-'));
	const path = join(folder, 'bundle.mjs');
	const build = await rolldown({ input: join(ROOT, source), platform: 'node', logLevel: 'silent' });
	await build.write({ file: path, format: 'esm', codeSplitting: false });
	await build.close();
	return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
