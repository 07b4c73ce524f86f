import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tarArchive } from '../../../rootfs-fixtures/tar-archive.ts';
import { openArchive } from '../../../src/image/open-archive.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-open-archive-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const isPlain = (): never => {
	throw new Error('a plain archive is not unpacked');
};
const write = (name: string, bytes: Buffer): string => {
	writeFileSync(join(dir, name), bytes);
	return join(dir, name);
};

describe('an archive', () => {
	it.each(['../../etc/passwd', '/etc/passwd', 'a/../../x', 'oci-layout'])('has no path on the host: %s', async name => {
		const archive = await openArchive(write('paths.tar', tarArchive([{ name, data: 'inside' }])), isPlain);
		try {
			const found = archive.find(name);
			if (found !== undefined) expect(archive.read(found, 100).toString()).toBe('inside');
			expect(archive.find('etc/hostname')).toBeUndefined();
		} finally {
			archive.close();
		}
	});

	it('whose links go in circles has no such file', async () => {
		const links = tarArchive([
			{ name: 'a', type: '2', link: 'b' },
			{ name: 'b', type: '2', link: 'a' },
			{ name: 'out', type: '2', link: '../../../../etc/passwd' },
		]);
		const archive = await openArchive(write('links.tar', links), isPlain);
		try {
			expect([archive.find('a'), archive.find('out')]).toEqual([undefined, undefined]);
		} finally {
			archive.close();
		}
	});

	it('with some bytes changed is read, or is one error', async () => {
		const good = tarArchive([
			{ name: 'manifest.json', data: '[]' },
			{ name: 'x', type: '2', link: 'manifest.json' },
			{ name: 'n'.repeat(150), data: 'long', gnuLong: true },
			{ name: 'p', data: 'pax', pax: { path: 'q'.repeat(200) } },
		]);
		let state = 7;
		const random = (below: number): number => {
			state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
			return (state >>> 8) % below;
		};
		const outcomes = new Map<string, number>();
		for (let round = 0; round < 400; round++) {
			const changed = Buffer.from(good);
			for (let change = 0; change <= random(4); change++) changed[random(changed.length)] = random(256);
			const file = write('fuzz.tar', random(5) === 0 ? changed.subarray(0, random(changed.length)) : changed);
			const outcome = await openArchive(file, async () => '/no/such').then(
				archive => {
					archive.close();
					return 'read';
				},
				(error: { code?: string }) => error.code ?? String(error),
			);
			outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
		}
		expect(
			[...outcomes.keys()].filter(outcome => !['read', 'TSRUN_BAD_ARCHIVE', 'TSRUN_NO_FILE'].includes(outcome)),
		).toEqual([]);
		expect(outcomes.get('TSRUN_BAD_ARCHIVE')).toBeGreaterThan(20);
	}, 60_000);
});
