import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of package.json, the nearest above this file. */
export function version(): string {
	let folder = import.meta.dirname;
	for (;;) {
		try {
			return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
		} catch (error) {
			if (folder === dirname(folder)) throw error;
			folder = dirname(folder);
		}
	}
}
