import { expect, it } from 'vitest';
import { netfilterBatch } from '../../../../src/plan/netfilter/batch.ts';
import { bridgeElements, guestElement, portElement } from '../../../../src/plan/netfilter/network-elements.ts';
import { deleteElement, newElement, newTable } from '../../../../src/plan/netfilter/table-objects.ts';
import { ensureTable, removeIfUnused } from '../../../../src/plan/netfilter/tsrun-table.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const GUEST = Uint8Array.of(172, 20, 0, 2);

/** Types and flags of the messages of a batch, and their sequence. */
function headers(batch: Uint8Array): readonly (readonly [type: number, flags: number, sequence: number])[] {
	const view = new DataView(batch.buffer);
	const found: (readonly [number, number, number])[] = [];
	for (let at = 0; at < batch.length; at += view.getUint32(at, true))
		found.push([view.getUint16(at + 4, true), view.getUint16(at + 6, true), view.getUint32(at + 8, true)]);
	return found;
}

it('a batch has a beginning and an end, and its last change alone is acknowledged', () => {
	expect(headers(netfilterBatch([newTable(), newTable()]))).toEqual([
		[0x10, 0x1, 0],
		[0xa00, 0x401, 1],
		[0xa00, 0x405, 2],
		[0x11, 0x1, 3],
	]);
});

it('the table is what `nft add table inet tsrun` sends', () => {
	expect(hex(netfilterBatch([newTable()]))).toBe(
		'1400000010000100000000000000000' +
			'00000000a' +
			'20000000000a050401000000000000000100000' +
			'00a00010074737275' +
			'6e000000' +
			'1400000011000100020000000000000' +
			'00000000a',
	);
});

it('an element names its set, its key and where it leads', () => {
	const text = hex(netfilterBatch([newElement(guestElement(GUEST, true))]));
	expect(text).toContain(Buffer.from('guests4\0').toString('hex'));
	expect(text).toContain('08000100ac140002');
	// NFT_JUMP and the name of the chain
	expect(text).toContain(`08000100fffffffd0c000200${Buffer.from('outward\0').toString('hex')}`);
	expect(guestElement(new Uint8Array(16), false)).toMatchObject({ set: 'guests6' });
});

it('keys of ports are padded to words, each part by itself', () => {
	const place = { protocol: 6, hostPort: 8080, address: GUEST, port: 80 };
	const all = portElement(place);
	expect([all.set, hex(all.key)]).toEqual(['ports4', '060000001f900000']);
	expect(hex(netfilterBatch([newElement(all)]))).toContain('ac14000200500000');
	const one = portElement({ ...place, hostAddress: Uint8Array.of(127, 0, 0, 1) });
	expect([one.set, hex(one.key)]).toEqual(['bound4', '7f000001060000001f900000']);
	expect(portElement({ ...place, address: new Uint8Array(16) }).set).toBe('ports6');
	expect(hex(netfilterBatch([deleteElement(one)]))).not.toContain('ac140002');
});

it('a bridge is in the sets of bridges, of pairs, and where it is internal in that too', () => {
	const name = Buffer.from('tsrun0'.padEnd(16, '\0')).toString('hex');
	const elements = bridgeElements({ bridge: 'tsrun0', internal: true });
	expect(elements.map(({ set, key }) => [set, hex(key)])).toEqual([
		['bridges', name],
		['same', name + name],
		['internal', name],
	]);
	expect(bridgeElements({ bridge: 'tsrun0', internal: false })).toHaveLength(2);
});

it('the table is made with sets before the chains, and rules come last', () => {
	const types = ensureTable().map(({ type }) => type);
	expect(types).toEqual([...types].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
	expect(new Set(types)).toEqual(new Set(ORDER));
});
const ORDER = [0, 9, 3, 8, 6];

it('the chains that containers lead to go before the table', () => {
	expect(removeIfUnused().map(({ type }) => type)).toEqual([5, 5, 2]);
});
