import { expect, it } from 'vitest';
import type { LayerEntry } from '../../../src/rootfs/layer-entry.ts';
import { readTar } from '../../../src/rootfs/read-tar.ts';
import { TAR_END, type TarMember, tarHeader, tarPadding } from '../../../src/rootfs/tar-writer.ts';

const METADATA = { mode: 0o644, uid: 0, gid: 0, mtimeSec: 1_700_000_000, mtimeNsec: 0, xattrs: [] };
const member = (
	changes: Partial<Omit<TarMember, 'metadata'>> & { metadata?: Partial<TarMember['metadata']> },
): TarMember => ({
	type: 'file',
	name: 'file',
	target: '',
	size: 0,
	device: [0, 0],
	...changes,
	metadata: { ...METADATA, ...changes.metadata },
});

async function readBack(written: TarMember): Promise<LayerEntry> {
	const entries: LayerEntry[] = [];
	const data = Buffer.alloc(written.size, 'x');
	async function* bytes(): AsyncGenerator<Buffer> {
		yield Buffer.concat([tarHeader(written), data, tarPadding(written.size), TAR_END]);
	}
	await readTar(bytes(), {
		maxEntries: 10,
		onEntry: entry => {
			entries.push(entry);
			return undefined;
		},
	});
	expect(entries).toHaveLength(1);
	return entries[0] as LayerEntry;
}

it.each<readonly [string, TarMember]>([
	['a file', member({ size: 700 })],
	['a directory', member({ type: 'directory', name: 'd/', metadata: { mode: 0o1777 } })],
	['a symbolic link', member({ type: 'symlink', target: '../elsewhere' })],
	['a hard link', member({ type: 'hardlink', target: 'file' })],
	['a device', member({ type: 'character', device: [5, 1000] })],
	['a FIFO', member({ type: 'fifo' })],
	['a name of 100 bytes', member({ name: 'n'.repeat(100) })],
	['a name of 101 bytes', member({ name: 'n'.repeat(101) })],
	['a name of many parts', member({ name: `${'part/'.repeat(100)}end` })],
	['a name that is no ASCII', member({ name: Buffer.from('grün').toString('latin1') })],
	['a name that is no UTF-8', member({ name: `\xff\xfe${'x'.repeat(120)}` })],
	['a long target', member({ type: 'symlink', target: 't'.repeat(300) })],
	['nanoseconds', member({ metadata: { mtimeNsec: 123_456_789 } })],
	['a time before 1970', member({ metadata: { mtimeSec: -5 } })],
	['half a second before it', member({ metadata: { mtimeSec: -1, mtimeNsec: 500_000_000 } })],
	['a large owner', member({ metadata: { uid: 3_000_000, gid: 4_294_967_294 } })],
	[
		'attributes of any bytes',
		member({
			metadata: {
				xattrs: [
					['user.note', Buffer.from('a\nb=c\0d')],
					['security.capability', Buffer.from([1, 0, 0, 2, 255, 0])],
				],
			},
		}),
	],
	['setuid', member({ metadata: { mode: 0o4755 } })],
])('%s is read as it was written', async (_, written) => {
	const { parts, type, target, metadata, size, device } = await readBack(written);
	expect({ name: parts.join('/'), type, target, size, device }).toEqual({
		name: written.name.replace(/\/$/, ''),
		type: written.type,
		target: written.target,
		size: written.size,
		device: written.device,
	});
	expect({ ...metadata, xattrs: metadata.xattrs.map(([name, value]) => [name, Buffer.from(value)]) }).toEqual(
		written.metadata,
	);
});
