import { closeSync, readSync } from 'node:fs';
import { O_NONBLOCK, O_RDONLY, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../native/flags.ts';
import type { LayerStack, StackEntry } from './layer-stack.ts';
import { type TarMember, tarHeader, tarPadding } from './tar-writer.ts';

const CHUNK = 1 << 18;

const TYPES: Readonly<Record<number, TarMember['type']>> = {
	[S_IFREG]: 'file',
	[S_IFDIR]: 'directory',
	[S_IFLNK]: 'symlink',
	[S_IFCHR]: 'character',
	[S_IFBLK]: 'block',
	[S_IFIFO]: 'fifo',
};

/** Writes files of a stack of layers as members of a tar archive; a second name of a file becomes a hard link. */
export class StackTar {
	readonly #stack: LayerStack;
	readonly #links = new Map<string, string>();

	constructor(stack: LayerStack) {
		this.#stack = stack;
	}

	/** The bytes of one file or directory, without what is below it. A socket has no place in an archive. */
	*member(entry: StackEntry): Generator<Buffer> {
		const { status, path, layer } = entry;
		const type = TYPES[status.mode & S_IFMT];
		if (type === undefined) return;
		const first = this.#firstName(entry, type);
		const member: TarMember = {
			type: first === undefined ? type : 'hardlink',
			name: type === 'directory' ? `${path}/` : path,
			target: first ?? (type === 'symlink' ? this.#stack.readLink(entry) : ''),
			size: first === undefined && type === 'file' ? status.size : 0,
			device: type === 'character' || type === 'block' ? status.rdev : [0, 0],
			metadata: {
				mode: status.mode & 0o7777,
				uid: status.uid,
				gid: status.gid,
				mtimeSec: status.mtimeSec,
				mtimeNsec: status.mtimeNsec,
				xattrs: this.#stack.readXattrs(entry),
			},
		};
		if (member.type !== 'file') yield tarHeader(member);
		else yield* this.#file({ layer, path, status, layers: [] }, member);
	}

	/** A running container may change the file: what the header promises is what follows. */
	*#file(entry: StackEntry, member: TarMember): Generator<Buffer> {
		const fd = this.#stack.open(entry, O_RDONLY | O_NONBLOCK);
		try {
			yield tarHeader(member);
			for (let left = member.size; left > 0; ) {
				const chunk = Buffer.allocUnsafe(Math.min(CHUNK, left));
				const count = readSync(fd, chunk, 0, chunk.length, null);
				if (count === 0) chunk.fill(0);
				left -= count === 0 ? chunk.length : count;
				yield count === 0 ? chunk : chunk.subarray(0, count);
			}
			yield tarPadding(member.size);
		} finally {
			closeSync(fd);
		}
	}

	#firstName({ status, path }: StackEntry, type: TarMember['type']): string | undefined {
		if (type === 'directory' || status.nlink < 2) return undefined;
		const key = `${status.dev.join(':')}:${status.ino}`;
		const first = this.#links.get(key);
		if (first === undefined) this.#links.set(key, path);
		return first;
	}
}
