import type { ReadControl } from '../../../src/stats/control-file.ts';

/** Control files as they are written down in a test. */
export function readRecord(files: Readonly<Record<string, string>>): ReadControl {
	return file => files[file];
}
