import type { IdMapping } from '../oci/runtime-spec.ts';

/** The maps of a user namespace, in which the files of a directory have host ids. */
export interface IdMaps {
	readonly uids: readonly IdMapping[];
	readonly gids: readonly IdMapping[];
}

/** What the kernel shows for an id that has no place in a namespace (user_namespaces(7)). */
const OVERFLOW_ID = 65534;

/** The id in the namespace of an id on the host. */
export function idInside(maps: readonly IdMapping[], id: number): number {
	const map = maps.find(({ hostID, size }) => id >= hostID && id < hostID + size);
	return map === undefined ? OVERFLOW_ID : id - map.hostID + map.containerID;
}

/** An extended attribute as the namespace has it: those that hold ids hold them as on the host (capabilities(7), acl(5)). */
export function xattrInside(maps: IdMaps, name: string, value: Uint8Array): Uint8Array {
	if (name === 'security.capability') return capabilityInside(maps, value);
	return name.startsWith('system.posix_acl_') ? aclInside(maps, value) : value;
}

const REVISION_MASK = 0xff000000;
const REVISION_2 = 0x02000000;
const REVISION_3 = 0x03000000;
/** Of struct vfs_cap_data; the third revision has the user id of the namespace's root behind it. */
const CAPABILITY_BYTES = 20;

function capabilityInside({ uids }: IdMaps, value: Uint8Array): Uint8Array {
	const bytes = Buffer.from(value);
	if (bytes.length !== CAPABILITY_BYTES + 4 || (bytes.readUInt32LE(0) & REVISION_MASK) !== REVISION_3) return value;
	const root = idInside(uids, bytes.readUInt32LE(CAPABILITY_BYTES));
	if (root !== 0) {
		bytes.writeUInt32LE(root, CAPABILITY_BYTES);
		return bytes;
	}
	bytes.writeUInt32LE((bytes.readUInt32LE(0) & ~REVISION_MASK) | REVISION_2, 0);
	return bytes.subarray(0, CAPABILITY_BYTES);
}

const ACL_HEADER_BYTES = 4;
const ACL_ENTRY_BYTES = 8;
/** Tags of the entries that name somebody. */
const ACL_USER = 0x02;
const ACL_GROUP = 0x08;

function aclInside({ uids, gids }: IdMaps, value: Uint8Array): Uint8Array {
	const bytes = Buffer.from(value);
	for (let at = ACL_HEADER_BYTES; at + ACL_ENTRY_BYTES <= bytes.length; at += ACL_ENTRY_BYTES) {
		const tag = bytes.readUInt16LE(at);
		if (tag !== ACL_USER && tag !== ACL_GROUP) continue;
		bytes.writeUInt32LE(idInside(tag === ACL_USER ? uids : gids, bytes.readUInt32LE(at + 4)), at + 4);
	}
	return bytes;
}
