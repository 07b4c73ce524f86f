import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseContainerId } from '../../../src/core/brands.ts';
import { readUpdatedResources, writeUpdatedResources } from '../../../src/state/updated-resources.ts';

let root: string;
const id = parseContainerId('web');
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'tsrun-resources-'));
	mkdirSync(join(root, 'web'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('is nothing until something is written, then what was written last', () => {
	expect(readUpdatedResources({ root }, id)).toBeUndefined();
	writeUpdatedResources({ root }, id, { pids: { limit: 1 } });
	writeUpdatedResources({ root }, id, { pids: { limit: 2 } });
	expect(readUpdatedResources({ root }, id)).toEqual({ pids: { limit: 2 } });
	expect(readdirSync(join(root, 'web'))).toEqual(['resources.json']);
	expect(statSync(join(root, 'web/resources.json')).mode & 0o777).toBe(0o600);
});
