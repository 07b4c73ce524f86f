import { describe, expect, it } from 'vitest';
import { rootfsPath } from '../../../src/plan/container-input.ts';
import { DIRECTORY, OVERLAY } from './plan-fixture.ts';

describe('rootfsPath', () => {
	it('is where the overlay is mounted, or the directory of the bundle', () => {
		expect(rootfsPath(OVERLAY)).toBe(`${DIRECTORY}/merged`);
		expect(rootfsPath({ kind: 'directory', path: '/bundle/rootfs' })).toBe('/bundle/rootfs');
	});
});
