import type { Path } from './addon.ts';
import { call } from './call.ts';
import { pathWord } from './path-word.ts';

const EINVAL = 22;

/** mknodat(2), which takes 12 bits of a major number and 20 of a minor one. @returns 0 or -errno */
export function makeNode(dirfd: number, path: Path, mode: number, [major, minor]: readonly [number, number]): number {
	if (major > 0xfff || minor > 0xfffff) return -EINVAL;
	const device = ((major << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12)) >>> 0;
	return call('mknodat', dirfd, pathWord(path), mode, device);
}
