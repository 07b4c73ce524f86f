import { type Stats, statSync } from 'node:fs';
import type { DeviceFact, PathKind } from '../plan/host-facts.ts';

const PERMISSION_BITS = 0o7777;

/** What each host path is; a symbolic link counts as what it leads to, a path that cannot be looked at as missing. */
export function readPathKinds(paths: readonly string[]): Readonly<Record<string, PathKind>> {
	return Object.fromEntries(
		paths.map(path => {
			const stats = statIfThere(path);
			return [path, stats === undefined ? 'missing' : stats.isDirectory() ? 'directory' : 'file'];
		}),
	);
}

/** The device nodes among the paths; other files are left out. */
export function readDevices(paths: readonly string[]): Readonly<Record<string, DeviceFact>> {
	return Object.fromEntries(
		paths.flatMap(path => {
			const stats = statIfThere(path);
			const type = stats === undefined ? undefined : deviceType(stats);
			if (stats === undefined || type === undefined) return [];
			const { uid, gid } = stats;
			return [[path, { type, ...deviceNumbers(stats.rdev), mode: stats.mode & PERMISSION_BITS, uid, gid }]];
		}),
	);
}

function deviceType(stats: Stats): DeviceFact['type'] | undefined {
	if (stats.isCharacterDevice()) return 'c';
	if (stats.isBlockDevice()) return 'b';
	return stats.isFIFO() ? 'p' : undefined;
}

/** makedev(3) of glibc and musl: 12 + 20 bits of major, 8 + 24 bits of minor number, interleaved. */
export function deviceNumbers(rdev: number): { readonly major: number; readonly minor: number } {
	const number = BigInt(rdev);
	return {
		major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n)),
		minor: Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n)),
	};
}

function statIfThere(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		return undefined;
	}
}
