import { expect, it } from 'vitest';
import { placeMounts } from '../../../src/plan/place-mounts.ts';

const place = (...destinations: readonly string[]) =>
	placeMounts(
		{ ociVersion: '1.1.0', mounts: destinations.map(destination => ({ destination, type: 'tmpfs' })) },
		'/b/rootfs',
	).mounts?.map(({ destination }) => destination);

it('makes every destination a path from the root of the container, in their order', () => {
	expect(place('run', '/b/rootfs/tmp', '/a/../var/')).toEqual(['/run', '/tmp', '/var']);
	expect(placeMounts({ ociVersion: '1.1.0' }, '/b/rootfs')).toEqual({ ociVersion: '1.1.0' });
});

it.each(['/b/rootfs', '/b/rootfs/proc', '/b/x/../rootfs/proc/sys'])('refuses %s, naming the field', destination => {
	expect(() => place('/run', destination)).toThrow(
		expect.objectContaining({
			code: 'TSRUN_BAD_CONFIG',
			message: expect.stringMatching(/^config\.json \/mounts\/1\/destination: \/(proc.*)? /),
		}),
	);
});
