import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const CLI = readFileSync(join(resolve(import.meta.dirname, '../..'), 'dist/cli.js'), 'utf8');

/** Cheap, or there already when a program of Node starts. Of others each costs every container a millisecond and more. */
const AT_START = ['buffer', 'events', 'fs', 'os', 'path', 'path/posix', 'process'];

it('the start loads no module of Node but cheap ones', () => {
	const loaded = [...CLI.matchAll(/^\s*(?:let|const|var) \w+ = require\("node:([^"]+)"\)/gm)].map(([, name]) => name);
	expect(loaded.length).toBeGreaterThan(AT_START.length - 1);
	expect([...new Set(loaded)].filter(name => !AT_START.includes(name ?? ''))).toEqual([]);
});
