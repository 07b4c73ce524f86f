import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { SLOWNESS } from './support/slowness.ts';
import { tourShapes } from './support/tour-shape.ts';

const TOP = resolve(import.meta.dirname, '../..');
const committed = tourShapes(readFileSync(resolve(TOP, 'docs/tour.md'), 'utf8'));
let printed = new Map() as ReturnType<typeof tourShapes>;

beforeAll(async () => {
	const words = [resolve(TOP, 'scripts/make-tour.mjs'), '--print'];
	const { stdout } = await execa(process.execPath, words, { timeout: 120_000 * SLOWNESS, stripFinalNewline: false });
	printed = tourShapes(stdout);
}, 120_000 * SLOWNESS);

it('has the plan, a part of it, a trace, a stepped run, a script and a difference', () => {
	const commands = [...committed.keys()].join('');
	for (const word of [
		'plan --rm',
		'plan --only',
		'run --trace',
		'--break',
		'plan --format sh',
		'plan --diff',
		'TSRUN_DEBUG=plan',
	])
		expect(commands).toContain(word);
	const names = [...commands.matchAll(/\btsrun ([a-z]+)/g)].map(([, name]) => name);
	expect(names.filter(name => !COMMANDS.some(command => command.name === name))).toEqual([]);
});

it.each([...committed.keys()].map(command => [command.trimEnd(), command]))(
	'shows what is printed by %s',
	(_, command) => {
		const [here = new Set(), now] = [committed, printed].map(shapes => shapes.get(command));
		expect([...(now ?? [])].toSorted()).toEqual([...here].toSorted());
	},
);
