import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { updateRdt } from '../../../../src/runtime/oci/update-rdt.ts';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-resctrl-'));
	mkdirSync(join(root, 'info/L3'), { recursive: true });
	mkdirSync(join(root, 'web'));
	// The kernel makes them with the directory.
	for (const file of ['tasks', 'schemata']) writeFileSync(join(root, 'web', file), '');
});
afterEach(() => rmSync(root, { recursive: true }));
const read = (file: string): string => readFileSync(join(root, 'web', file), 'utf8');

it('puts the container into its group and writes the schemas', () => {
	mkdirSync(join(root, 'info/MB'));
	updateRdt({ id: 'web', init: 7, schemas: { l3Cache: 'L3:0=f', memoryBandwidth: 'MB:0=70' }, root });
	expect([read('tasks'), read('schemata')]).toEqual(['7', 'L3:0=f\nMB:0=70\n']);
});

it('does nothing where nothing is asked', () => {
	updateRdt({ id: 'web', init: 7, schemas: {}, root: join(root, 'gone') });
	expect(read('tasks')).toBe('');
});

it('says in runc’s words what the processor has not', () => {
	const update = (schemas: object, place: string) => () => updateRdt({ id: 'web', init: 7, schemas, root: place });
	expect(update({ memoryBandwidth: 'MB:0=70' }, root)).toThrow('Intel RDT/MBA: memory bandwidth schema is not enabled');
	expect(update({ l3Cache: 'L3:0=f' }, join(root, 'gone'))).toThrow('Intel RDT/CAT: l3 cache schema is not enabled');
	expect(read('schemata')).toBe('');
});
