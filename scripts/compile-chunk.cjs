'use strict';
// compile-chunk.cjs <chunk>…: writes V8's code of every function of a chunk beside it. The commands of chunks/creation-*.js cannot
// be run for that, as the command line is (warm-up-cli.cjs): they would need a container.
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

for (const filename of process.argv.slice(2)) {
	const cache = `${filename.slice(0, -2)}cache`;
	// Taken back before the cache is made: V8 refuses one that was made with other flags than its own.
	setFlagsFromString('--no-lazy');
	const script = new Script(module.constructor.wrap(readFileSync(filename, 'latin1')), { filename });
	setFlagsFromString('--lazy');
	writeFileSync(`${cache}.new`, script.createCachedData());
	renameSync(`${cache}.new`, cache);
}
