#!/usr/bin/env -S node --
'use strict';
// Without the two dashes Node 20 takes every --env-file of the command line for its own, also those after the script.
// Runs cli.js beside this file with the code that V8 made of it when it was built (cli.cache); another V8 refuses the cache and
// compiles for itself. So it does with chunks/creation-*.js, which makes containers and processes for engines.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
// node:module would be compiled first.
const { constructor: Module } = module;

function compile(filename, text) {
	let cachedData;
	try {
		cachedData = readFileSync(`${filename.slice(0, -2)}cache`);
	} catch {
		// not built, or not allowed to be read
	}
	return new Script(text, { filename, cachedData });
}

/** Chunks find it there. */
function moduleOf(filename) {
	const made = new Module(filename);
	made.filename = filename;
	require.cache[filename] = made;
	return made;
}

const filename = `${__dirname}/cli.js`;
const cli = moduleOf(filename);
module.exports = compile(filename, readFileSync(filename, 'latin1'));

function requireChunk(id) {
	if (!id.startsWith('./chunks/creation-')) return cli.require(id);
	const path = `${__dirname}${id.slice(1)}`;
	if (require.cache[path] !== undefined) return require.cache[path].exports;
	const chunk = moduleOf(path);
	const text = Module.wrap(readFileSync(path, 'latin1'));
	const main = compile(path, text).runInThisContext();
	main.call(chunk.exports, chunk.exports, name => chunk.require(name), chunk, path, `${__dirname}/chunks`);
	chunk.loaded = true;
	return chunk.exports;
}

module.exports.runInThisContext().call(cli.exports, cli.exports, requireChunk, cli, filename, __dirname);
cli.loaded = true;
