import { describe, expect, it } from 'vitest';
import { normaliseName, parseReference } from '../../../src/image/parse-reference.ts';

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
	])('%j is refused', text => {
		expect(() => parseReference(text)).toThrow(
			expect.objectContaining({ code: expect.stringMatching(/TSRUN_BAD_(REFERENCE|DIGEST)/) }),
		);
	});
});
