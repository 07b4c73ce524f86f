import { describe, expect, it } from 'vitest';
import { paxBytes } from '../../../rootfs-fixtures/tar-archive.ts';
import { parsePax, parsePaxTime, paxNumber } from '../../../src/rootfs/pax-records.ts';

describe('the records of a PAX header', () => {
	it('keep every byte of their values', () => {
		const value = Buffer.from([0, 1, 0x3d, 0x0a, 0x80, 0xff]);
		const { values } = parsePax(paxBytes({ path: 'a/ü', 'SCHILY.xattr.security.capability': value }));
		expect(Buffer.from(values.get('path') ?? '', 'latin1').toString()).toBe('a/ü');
		expect(Buffer.from(values.get('SCHILY.xattr.security.capability') ?? '', 'latin1').equals(value)).toBe(true);
	});

	it('end with the header, or with NUL', () => {
		expect(parsePax(Buffer.alloc(0)).values.size).toBe(0);
		expect(parsePax(Buffer.concat([paxBytes({ a: 'b' }), Buffer.alloc(10)])).values).toEqual(new Map([['a', 'b']]));
	});

	it('that are empty take a value back, but an attribute may be empty', () => {
		expect([...parsePax(paxBytes({ path: '', 'SCHILY.xattr.user.x': '' })).values]).toEqual([
			['SCHILY.xattr.user.x', ''],
		]);
	});

	it('may repeat the parts of a sparse file', () => {
		const part = (offset: number) => paxBytes({ 'GNU.sparse.offset': String(offset), 'GNU.sparse.numbytes': '512' });
		expect(parsePax(Buffer.concat([part(0), part(4096)])).sparsePairs).toEqual([0, 512, 4096, 512]);
	});

	it.each([
		'x',
		'5 a=b',
		'99 a=b\n',
		'6 a=b',
		'0 a=b\n',
		'-6 a=b\n',
		'5 ab\n',
		' a=b\n',
		'6 a=bc',
		`${'9'.repeat(30)} a=b\n`,
	])('%j is refused', text => {
		expect(() => parsePax(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_LAYER' }));
	});

	it('are numbers where numbers are wanted', () => {
		expect(paxNumber(parsePax(paxBytes({ uid: '12' })), 'uid')).toBe(12);
		expect(paxNumber(parsePax(paxBytes({})), 'uid')).toBeUndefined();
		for (const uid of ['-1', '1e3', '0x1', '1.5', '99999999999999999999', ' 1']) {
			expect(() => paxNumber(parsePax(paxBytes({ uid })), 'uid')).toThrow('is not a number');
		}
	});
});

it.each([
	['1500000000', 1_500_000_000, 0],
	['1500000000.123456789', 1_500_000_000, 123_456_789],
	['1500000000.1', 1_500_000_000, 100_000_000],
	['1.0000000019', 1, 1],
	['0', 0, 0],
	['-1', -1, 0],
	['-1.25', -2, 750_000_000],
	['-0.5', -1, 500_000_000],
])('the time %s is %i s and %i ns', (text, sec, nsec) => {
	expect(parsePaxTime(text)).toEqual({ sec, nsec });
});

it.each(['', 'x', '1,5', '1e9', '--1', '99999999999999999999'])('the time %j is refused', text => {
	expect(() => parsePaxTime(text)).toThrow('which is not valid');
});
