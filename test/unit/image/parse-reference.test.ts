import { describe, expect, it } from 'vitest';
import { isShortName, normaliseName, parseReference, splitRepository } from '../../../src/image/parse-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('an image in a file or directory', () => {
	it.each([
		['oci:/a/b', 'oci', '/a/b', undefined],
		['oci:dir:latest', 'oci', 'dir', 'latest'],
		['oci:dir:name/with:tag', 'oci', 'dir', 'name/with:tag'],
		['oci-archive:./x.tar', 'oci-archive', './x.tar', undefined],
		['docker-archive:/x.tar:busybox:1', 'docker-archive', '/x.tar', 'busybox:1'],
		['oci:dir:', 'oci', 'dir', undefined],
	])('%s', (text, transport, path, ref) => {
		expect(parseReference(text)).toEqual({
			kind: 'local',
			transport,
			path,
			text,
			...(ref === undefined ? {} : { ref }),
		});
	});

	it.each(['oci:', 'oci::latest', 'docker-archive:', 'oci:a\0b'])('%j is refused', text => {
		expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_REFERENCE' }));
	});
});

describe('a name', () => {
	it.each([
		['busybox', 'busybox:latest'],
		['busybox:1.36', 'busybox:1.36'],
		['docker.io/busybox', 'busybox:latest'],
		['docker.io/library/busybox', 'busybox:latest'],
		['index.docker.io/library/busybox:1', 'busybox:1'],
		['library/busybox', 'busybox:latest'],
		['docker.io/owner/name', 'owner/name:latest'],
		['ghcr.io/owner/name:v1', 'ghcr.io/owner/name:v1'],
		['localhost/name', 'localhost/name:latest'],
		['localhost:5000/a/b:c', 'localhost:5000/a/b:c'],
		['host:5000/name', 'host:5000/name:latest'],
		['a__b-c/d.e', 'a__b-c/d.e:latest'],
		['quay.io/library/x', 'quay.io/library/x:latest'],
		['[::1]:5000/a/b:c', '[::1]:5000/a/b:c'],
		['[fe80::1]/a', '[fe80::1]/a:latest'],
		['Host/name', 'Host/name:latest'],
		['docker.io/library/a/b', 'library/a/b:latest'],
		['docker.io/a.b/c', 'docker.io/a.b/c:latest'],
		[`docker.io/${'a'.repeat(64)}`, `docker.io/library/${'a'.repeat(64)}:latest`],
		[`h.io/${'b'.repeat(255)}`, `h.io/${'b'.repeat(255)}:latest`],
	])('%s is displayed as %s', (text, name) => {
		expect(normaliseName(text)).toBe(name);
		expect(normaliseName(name)).toBe(name);
	});

	it('may have a digest', () => {
		expect(parseReference(`busybox@${DIGEST}`)).toMatchObject({ kind: 'name', name: 'busybox:latest', digest: DIGEST });
		expect(parseReference(`busybox:1@${DIGEST}`)).toMatchObject({ name: 'busybox:1', digest: DIGEST });
	});

	it('may be the beginning of an id, with or without sha256:', () => {
		expect(parseReference('0123456789ab')).toMatchObject({ name: '0123456789ab:latest', idPrefix: '0123456789ab' });
		expect(parseReference(DIGEST)).toMatchObject({ name: '', idPrefix: 'a'.repeat(64) });
		expect(parseReference('a'.repeat(64))).toMatchObject({ name: '', idPrefix: 'a'.repeat(64) });
		expect(parseReference('0123456789a')).not.toHaveProperty('idPrefix');
	});

	it.each([
		'',
		':',
		'Busybox',
		'a//b',
		'/a',
		'a/',
		'-a',
		'a..b',
		'a:',
		'a:-x',
		`a:${'t'.repeat(129)}`,
		'a b',
		'../x',
		'a@sha256:xyz',
		'b'.repeat(300),
		'http://x/y',
		'docker://busybox',
		'a@b@c',
		'foo:bar/baz',
		'h:99999/a',
		'[::g]/a',
		'[::1/a',
		'h.io//a',
		'.io/a',
		'a/..',
		'a/./b',
		`a@sha256:${'A'.repeat(64)}`,
		`a@md5:${'a'.repeat(32)}`,
		`h.io/${'b'.repeat(256)}`,
	])('%j is refused', text => {
		expect(() => parseReference(text)).toThrow(
			expect.objectContaining({ code: expect.stringMatching(/TSRUN_BAD_(REFERENCE|DIGEST)/) }),
		);
	});
});

describe('whatever the text', () => {
	const PARTS = [
		'a',
		'B',
		'0',
		'.',
		'_',
		'__',
		'-',
		'/',
		':',
		'@',
		'[',
		']',
		'localhost',
		'docker.io',
		'library/',
		':5000',
	];
	const more = [DIGEST, 'a'.repeat(64), 'ä', '\0', ' ', '%2e', '..', '\n'];

	/** Always the same numbers, so that a failure can be met again (xorshift). */
	function* texts(count: number): Generator<string> {
		let state = 0x9e3779b9;
		const next = (limit: number): number => {
			state ^= state << 13;
			state ^= state >>> 17;
			state ^= state << 5;
			return (state >>> 0) % limit;
		};
		const alphabet = [...PARTS, ...PARTS, ...more];
		for (let i = 0; i < count; i++) {
			yield Array.from({ length: 1 + next(8) }, () => alphabet[next(alphabet.length)] ?? '').join('');
		}
	}

	it('a name has one spelling, which means the same registry and path, or it is refused by name', () => {
		let names = 0;
		for (const text of texts(40_000)) {
			let name: string;
			try {
				const reference = parseReference(text);
				if (reference.kind === 'local' || reference.name === '') continue;
				({ name } = reference);
			} catch (error) {
				expect(error).toMatchObject({ code: expect.stringMatching(/^TSRUN_BAD_(REFERENCE|DIGEST)$/) });
				expect((error as Error).message).toContain('image reference');
				continue;
			}
			names++;
			expect(normaliseName(name)).toBe(name);
			const repository = name.slice(0, name.lastIndexOf(':'));
			const { domain, path } = splitRepository(repository);
			expect(normaliseName(`${domain}/${path}`)).toBe(`${repository}:latest`);
			expect(domain === 'docker.io' || !isShortName(repository)).toBe(true);
			expect(`${domain}/${path}`).toMatch(/^[A-Za-z0-9.:[\]-]+(\/[a-z0-9._-]+)+$/);
			expect(path.split('/')).not.toContain('..');
		}
		expect(names).toBeGreaterThan(2000);
	});
});
