import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ContainerId, parseContainerId } from '../../../src/core/brands.ts';
import { emptyProgress } from '../../../src/native/progress.ts';
import type { ContainerState } from '../../../src/state/container-state.ts';
import { containerStateDir, openStateDirectory, type StateDirectory } from '../../../src/state/state-directory.ts';

export const id = (beginning: string): ContainerId => parseContainerId(beginning.padEnd(64, '0'));
export const A = id('a1');
export const B = id('b2');
export const PLAN = Uint8Array.from([1, 2, 3]);

/** A state directory of its own for one test, and gone with it. */
export function stateDirectory(): StateDirectory {
	const root = mkdtempSync(join(tmpdir(), 'tsrun-state-'));
	onTestFinished(() => rmSync(root, { recursive: true, force: true }));
	return openStateDirectory(root);
}

export function stateOf(container: ContainerId, rest: Partial<ContainerState> = {}): ContainerState {
	return {
		version: 1,
		id: container,
		name: `name-${container.slice(0, 2)}`,
		image: 'busybox',
		imageDigest: `sha256:${'0'.repeat(64)}`,
		command: ['sh'],
		created: 1_700_000_000_000,
		directory: `/var/lib/tsrun/containers/${container}`,
		labels: {},
		autoRemove: false,
		...rest,
	};
}

/** Writes what the machine would: 64-bit times by their offset in native/plan.h. */
export function writeTimes(
	directory: StateDirectory,
	container: ContainerId,
	times: Readonly<Record<number, bigint>>,
): void {
	const view = Buffer.from(emptyProgress());
	for (const [offset, value] of Object.entries(times)) view.writeBigUInt64LE(value, Number(offset));
	writeFileSync(join(containerStateDir(directory, container), 'progress'), view);
}

export const STARTED = 48;
export const TORN_DOWN = 64;
