import { readdirSync, readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { expect, it } from 'vitest';

const CLI = readFileSync(join(resolve(import.meta.dirname, '../..'), 'dist/cli.js'), 'utf8');

/** Cheap, or there already when a program of Node starts. Of others each costs every container a millisecond and more. */
const AT_START = ['buffer', 'events', 'fs', 'os', 'path', 'path/posix', 'process'];

it('the start loads no module of Node but cheap ones', () => {
	const loaded = [...CLI.matchAll(/^\s*(?:let|const|var) \w+ = require\("node:([^"]+)"\)/gm)].map(([, name]) => name);
	expect(loaded.length).toBeGreaterThan(AT_START.length - 1);
	expect([...new Set(loaded)].filter(name => !AT_START.includes(name ?? ''))).toEqual([]);
});

it('the chunk that makes containers for engines has code of V8 beside it, which V8 takes', () => {
	const chunks = join(resolve(import.meta.dirname, '../..'), 'dist/chunks');
	const [name = 'none'] = readdirSync(chunks).filter(each => /^creation-.*\.js$/.test(each));
	const text = Module.wrap(readFileSync(join(chunks, name), 'latin1'));
	const cachedData = readFileSync(join(chunks, name.replace(/js$/, 'cache')));
	const script = new Script(text, { filename: join(chunks, name), cachedData });
	expect(script.cachedDataRejected).toBe(false);
});
