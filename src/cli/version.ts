import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of package.json, the nearest above this file that has one. */
export function version(): string {
	let folder = import.meta.dirname;
	for (;;) {
		try {
			const { version: found } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string };
			if (found !== undefined) return found;
		} catch (error) {
			if (folder === dirname(folder)) throw error;
		}
		folder = dirname(folder);
	}
}
