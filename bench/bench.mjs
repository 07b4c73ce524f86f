#!/usr/bin/env node
// npm run bench [-- run|network|life|many|lifecycle|unpack] [--rounds N] [--json FILE]: medians and ratios of one run, everything interleaved.
// Of unpack: --layouts says which images, and --markdown FILE writes the tables into a document.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const BENCHES = {
	run: async options => (await import('./run.mjs')).benchRun(options),
	network: async options => (await import('./network.mjs')).benchNetwork(options),
	life: async options => (await import('./life.mjs')).benchLife(options),
	many: async options => (await import('./many.mjs')).benchMany(options),
	lifecycle: async options => (await import('./lifecycle.mjs')).benchLifecycle(options),
	unpack: async options => (await import('./unpack.mjs')).benchUnpack(options),
};

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		rounds: { type: 'string' },
		json: { type: 'string' },
		markdown: { type: 'string' },
		layouts: { type: 'string' },
	},
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = names.find(name => BENCHES[name] === undefined);
if (unknown !== undefined) throw new Error(`no benchmark ${unknown}: there are ${Object.keys(BENCHES).join(', ')}`);
if (process.getuid() !== 0) throw new Error('the benchmarks make containers: run them as root');

const { rounds, layouts, markdown } = values;
const options = {
	...(rounds === undefined ? {} : { rounds: Number(rounds) }),
	...(layouts === undefined ? {} : { layouts: layouts.split(',') }),
	...(markdown === undefined ? {} : { markdown }),
};
const results = {};
for (const name of names) results[name] = await BENCHES[name](options);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, '\t')}\n`);
