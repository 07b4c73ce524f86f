import { lstatSync, readdirSync, type Stats } from 'node:fs';

const BLOCK = 512;
const SLASH = Buffer.from('/');

/**
 * Counts what files take on disk, as du(1) does: in blocks, each file once however many links it has, and nothing of other file
 * systems that are mounted below.
 */
export class UsageCounter {
	readonly #seen = new Set<string>();

	/** Bytes of a file or a whole tree that no call before has counted; 0 where nothing is. */
	count(path: string): number {
		return this.#count(Buffer.from(path), undefined);
	}

	/** Bytes of a file or of a directory itself. */
	own(path: string): number {
		const stat = lstatSync(path, { throwIfNoEntry: false });
		return stat === undefined || this.#isKnown(stat) ? 0 : stat.blocks * BLOCK;
	}

	#count(path: Buffer, device: number | undefined): number {
		const stat = lstatSync(path, { throwIfNoEntry: false });
		if (stat === undefined || (device !== undefined && stat.dev !== device) || this.#isKnown(stat)) return 0;
		const own = stat.blocks * BLOCK;
		return stat.isDirectory() ? own + this.#countEntries(path, stat.dev) : own;
	}

	/** Another command may remove what is counted here. */
	#countEntries(path: Buffer, device: number): number {
		try {
			return readdirSync(path, { encoding: 'buffer' }).reduce(
				(sum, name) => sum + this.#count(Buffer.concat([path, SLASH, name]), device),
				0,
			);
		} catch (error) {
			if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
			throw error;
		}
	}

	#isKnown(stat: Stats): boolean {
		if (stat.nlink === 1 || stat.isDirectory()) return false;
		const key = `${stat.dev}:${stat.ino}`;
		if (this.#seen.has(key)) return true;
		this.#seen.add(key);
		return false;
	}
}
