#!/usr/bin/env -S node --
'use strict';
// Without the two dashes Node 20 takes every --env-file of the command line for its own, also those after the script.
// Runs cli.js beside this file with the code that V8 made of it when it was built (cli.cache); another V8 refuses the cache and
// compiles for itself.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');
// node:module would be compiled first.
const { constructor: Module } = module;

const filename = `${__dirname}/cli.js`;
let cachedData;
try {
	cachedData = readFileSync(`${__dirname}/cli.cache`);
} catch {
	// not built, or not allowed to be read
}
const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData });
const cli = new Module(filename);
cli.filename = filename;
// The chunks of other commands find it there.
require.cache[filename] = cli;
module.exports = script;
script.runInThisContext().call(cli.exports, cli.exports, id => cli.require(id), cli, filename, __dirname);
cli.loaded = true;
