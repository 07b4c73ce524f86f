import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseVolumeName } from '../../../src/core/volume-name.ts';
import { type PlannedVolume, planVolumes } from '../../../src/runtime/plan-volumes.ts';
import type { VolumeRequest } from '../../../src/spec/container-volumes.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';

let store: Store;
beforeEach(() => {
	store = openStore(mkdtempSync(join(tmpdir(), 'tsrun-volumes-')));
});
afterEach(() => rmSync(store.root, { recursive: true }));

const db = parseVolumeName('db');

function plan(request: Omit<VolumeRequest, 'kind' | 'destination'>, remove = false): PlannedVolume | undefined {
	const directory = join(store.containers, 'abc');
	return planVolumes([{ kind: 'volume', destination: '/d', ...request }], { store, directory, remove })[0];
}

it('has a volume with a name in the store, whether its container is removed or not', () => {
	const path = join(store.volumes, 'db/_data');
	const expected = { name: db, destination: '/d', isAnonymous: false, isBound: false, path, readonly: false };
	expect([plan({ name: db }), plan({ name: db }, true)]).toEqual([expected, expected]);
});

it('has an anonymous one in the store, or in the container where that is removed', () => {
	const kept = plan({});
	expect(kept).toMatchObject({ name: expect.stringMatching(/^[0-9a-f]{64}$/), isAnonymous: true });
	expect([kept?.path, kept?.link]).toEqual([join(store.volumes, kept?.name ?? '', '_data'), undefined]);
	const gone = plan({}, true);
	expect(gone?.path).toBe(join(store.containers, 'abc/volumes', gone?.name ?? '', '_data'));
	expect(gone?.link).toEqual({
		path: join(store.volumes, gone?.name ?? ''),
		target: `../containers/abc/volumes/${gone?.name}`,
	});
});

it('takes the directory of the host from the record, and what is asked for only where there is none', () => {
	const options = { o: 'bind,ro', device: '/srv' };
	expect(plan({ name: db, options })).toMatchObject({ path: '/srv', isBound: true, readonly: true });
	mkdirSync(join(store.volumes, 'db'), { recursive: true });
	const record = { version: 1, created: 1, labels: {}, options: { o: 'bind', device: '/other' } };
	writeFileSync(join(store.volumes, 'db/volume.json'), JSON.stringify(record));
	expect(plan({ name: db, options })).toMatchObject({ path: '/other', isBound: true, readonly: false });
});

it.each(['{', '[]', '{"created":1}', '{"created":1,"labels":{"a":1},"options":{}}'])('refuses the record %s', text => {
	mkdirSync(join(store.volumes, 'db'), { recursive: true });
	writeFileSync(join(store.volumes, 'db/volume.json'), text);
	expect(() => plan({ name: db })).toThrow('the record of volume db cannot be read');
});
