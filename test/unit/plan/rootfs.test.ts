import { describe, expect, it } from 'vitest';
import type { ContainerInput, RootfsInput } from '../../../src/plan/container-input.ts';
import { MNT_DETACH, MS } from '../../../src/plan/linux-constants.ts';
import {
	compileRootfs,
	escapeOption,
	privateMountsSteps,
	rootPropagationSteps,
	unmountSteps,
	volatileOption,
} from '../../../src/plan/rootfs.ts';
import type { Step } from '../../../src/plan/step.ts';
import { CASES, DIRECTORY, LAYERS, OVERLAY, planInput, REMOVED, stepsOf } from './plan-fixture.ts';

function rootfs(input: RootfsInput, propagation?: string) {
	const { spec, ...rest } = planInput();
	const linux = { ...spec.linux, ...(propagation === undefined ? {} : { rootfsPropagation: propagation }) };
	return compileRootfs({ ...rest, spec: { ...spec, linux }, container: { ...rest.container, rootfs: input } }, false);
}

function first(steps: readonly Step[]): Step | undefined {
	return steps[0];
}

describe('compileRootfs', () => {
	it('lays the overlay over the layers by short names, then holds the result', () => {
		const { inside, outside } = rootfs(OVERLAY);
		expect(outside).toEqual([]);
		expect(inside).toMatchObject([
			{ op: 'mount', target: '/', flags: MS.SLAVE | MS.REC },
			{ op: 'chdir', path: LAYERS },
			{
				op: 'mount',
				type: 'overlay',
				target: `${DIRECTORY}/merged`,
				data: `lowerdir=top:base,upperdir=${DIRECTORY}/upper,workdir=${DIRECTORY}/work,redirect_dir=nofollow,metacopy=off`,
			},
			{ op: 'openRoot', path: `${DIRECTORY}/merged` },
		]);
	});

	it('lets an overlay go to disk where it is kept, or where the kernel cannot do without', () => {
		const option = (remove: ContainerInput['remove'], major: number, minor: number) => {
			const { facts, container } = planInput();
			const kernel = { release: '', major, minor };
			return volatileOption({ facts: { ...facts, kernel }, container: { ...container, remove } });
		};
		const kept = { trees: [], links: [] };
		expect(option(REMOVED, 5, 10)).toBe(',volatile');
		expect(option(REMOVED, 6, 1)).toBe(',volatile');
		expect(option(REMOVED, 5, 9)).toBe('');
		expect(option(kept, 6, 1)).toBe('');
	});

	it('binds a directory over itself, since pivot_root wants a mount point', () => {
		expect(rootfs({ kind: 'directory', path: '/bundle/rootfs' }).inside).toMatchObject([
			{ op: 'mount', target: '/' },
			{ op: 'mount', source: '/bundle/rootfs', target: '/bundle/rootfs', flags: MS.BIND | MS.REC },
			{ op: 'openRoot', path: '/bundle/rootfs' },
		]);
	});

	it('escapes what overlayfs would take for the end of a path or an option', () => {
		expect(escapeOption('/a:b,c\\d')).toBe('/a\\:b\\,c\\\\d');
		const odd: RootfsInput = {
			...OVERLAY,
			kind: 'overlay',
			layers: LAYERS,
			lowerdirs: ['a:b', 'c,d'],
			directory: '/x,upperdir=/etc',
		};
		const [overlay] = stepsOf(rootfs(odd).inside, 'mount').filter(({ type }) => type === 'overlay');
		expect(overlay?.data).toBe(
			'lowerdir=a\\:b:c\\,d,upperdir=/x\\,upperdir=/etc/upper,workdir=/x\\,upperdir=/etc/work,redirect_dir=nofollow,metacopy=off',
		);
	});

	it.each([
		[undefined, MS.SLAVE],
		['', MS.SLAVE],
		['slave', MS.SLAVE],
		['rslave', MS.SLAVE],
		['private', MS.PRIVATE],
		['rprivate', MS.PRIVATE],
		['shared', MS.SHARED],
		['rshared', MS.SHARED],
		['unbindable', MS.PRIVATE],
		['runbindable', MS.PRIVATE],
	])('with the propagation %s gives the mounts of the host another one before any mount', (propagation, flag) => {
		const step = first(rootfs(OVERLAY, propagation).inside);
		expect(step).toMatchObject({ op: 'mount', source: '', target: '/', flags: flag | MS.REC });
	});

	it('keeps the root itself away from the host where mounts are shared with it', () => {
		const { inside } = rootfs({ ...OVERLAY, mountpoint: '/var' }, 'rshared');
		expect(inside[1]).toMatchObject({ op: 'mount', source: '', target: '/var', flags: MS.PRIVATE });
		expect(rootfs({ ...OVERLAY, mountpoint: '/var' }, 'rslave').inside[1]).toMatchObject({ op: 'chdir' });
	});

	it('maps each layer into the user namespace from outside, bottom and top in their order', () => {
		const input = planInput(CASES['user-namespace']);
		const { outside, inside } = compileRootfs(input, true);
		expect(stepsOf(outside, 'mountIdmapped').map(({ source, target }) => [source, target])).toEqual([
			[`${LAYERS}/top`, `${DIRECTORY}/lower/0`],
			[`${LAYERS}/base`, `${DIRECTORY}/lower/1`],
		]);
		expect(stepsOf(outside, 'chown').map(({ path, uid, gid }) => [path, uid, gid])).toEqual([
			[`${DIRECTORY}/upper`, 100_000, 100_000],
			[`${DIRECTORY}/work`, 100_000, 100_000],
		]);
		expect(outside.at(-1)).toMatchObject({ type: 'overlay', data: expect.stringMatching(/^lowerdir=0:1,/) });
		expect(inside.map(({ op }) => op)).toEqual(['mount', 'mount', 'openRoot']);
	});

	it('gives the own directories to whom container id 0 is, wherever its line of the map stands', () => {
		const input = planInput(CASES['user-namespace']);
		const maps = (root: number) => [
			{ containerID: 1000, hostID: 1, size: 1 },
			{ containerID: 0, hostID: root, size: 1000 },
		];
		const linux = { ...input.spec.linux, uidMappings: maps(70_000), gidMappings: maps(80_000) };
		const { outside } = compileRootfs({ ...input, spec: { ...input.spec, linux } }, true);
		expect(stepsOf(outside, 'chown')).toMatchObject([
			{ uid: 70_000, gid: 80_000 },
			{ uid: 70_000, gid: 80_000 },
		]);
	});
});

describe('privateMountsSteps', () => {
	it('leaves the host’s mount namespace, then cuts propagation to it', () => {
		expect(privateMountsSteps()).toMatchObject([
			{ op: 'unshare' },
			{ op: 'mount', source: '', target: '/', flags: MS.SLAVE | MS.REC },
		]);
	});
});

describe('rootPropagationSteps', () => {
	it.each([
		['shared', MS.SHARED],
		['rshared', MS.SHARED | MS.REC],
		['unbindable', MS.UNBINDABLE],
		['runbindable', MS.UNBINDABLE | MS.REC],
	])('makes the new root %s once it is the root', (rootfsPropagation, flags) => {
		expect(rootPropagationSteps({ ociVersion: '1.1.0', linux: { rootfsPropagation } })).toMatchObject([
			{ op: 'mount', source: '', target: '/', flags, from: '/linux/rootfsPropagation' },
		]);
	});

	it.each(['private', 'rprivate', 'slave', 'rslave', '', undefined])('has nothing to do for %s', name => {
		const linux = name === undefined ? {} : { rootfsPropagation: name };
		expect(rootPropagationSteps({ ociVersion: '1.1.0', linux })).toEqual([]);
	});
});

describe('unmountSteps', () => {
	it('unmounts what was mounted outside, the overlay before its layers, and minds nothing that is gone', () => {
		const steps = stepsOf(unmountSteps(OVERLAY, true), 'umount');
		expect(steps.map(({ path }) => path)).toEqual(['merged', 'lower/0', 'lower/1'].map(name => `${DIRECTORY}/${name}`));
		expect(
			steps.every(({ flags, tolerate }) => flags === MNT_DETACH && tolerate?.includes(2) && tolerate.includes(22)),
		).toBe(true);
	});

	it('has nothing to unmount where all mounts end with the container', () => {
		expect(unmountSteps(OVERLAY, false)).toEqual([]);
		expect(unmountSteps({ kind: 'directory', path: '/bundle/rootfs' }, true)).toEqual([]);
	});
});
