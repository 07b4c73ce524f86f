import { describe, expect, it } from 'vitest';
import { parseArtifact, parseIndex, parseManifest } from '../../../src/oci/parse-manifest.ts';

const digest = (char: string): string => `sha256:${char.repeat(64)}`;
const CONFIG = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('c'), size: 10 };
const LAYER = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('1'), size: 20 };
const MANIFEST = { schemaVersion: 2, config: CONFIG, layers: [LAYER] };
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const manifest = (change: object) => () => parseManifest(bytes({ ...MANIFEST, ...change }), 'manifest m');
const index = (change: object) => () => parseIndex(bytes({ schemaVersion: 2, manifests: [], ...change }), 'index i');

describe('what is no image', () => {
	const SUBJECT = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest('a'), size: 5 };
	const artifact = (change: object) => parseArtifact(bytes({ ...MANIFEST, ...change }), 'manifest m');

	it('is read with its subject and its type, which is else that of its config', () => {
		const config = { ...CONFIG, mediaType: 'application/vnd.oci.empty.v1+json' };
		expect(artifact({ config, subject: SUBJECT, artifactType: 'example/sbom' })).toEqual({
			schemaVersion: 2,
			config,
			layers: [LAYER],
			artifactType: 'example/sbom',
			subject: SUBJECT,
			isImage: false,
		});
		expect(artifact({ config }).artifactType).toBe('application/vnd.oci.empty.v1+json');
		expect(artifact({}).isImage).toBe(true);
		expect(artifact({ layers: [{ ...LAYER, mediaType: 'application/vnd.in-toto+json' }] }).isImage).toBe(false);
	});

	it('must have a subject that is one', () => {
		expect(() => artifact({ subject: { ...SUBJECT, digest: 'sha256:../..' } })).toThrow(
			'/subject/digest must be a digest',
		);
	});
});

describe('a manifest', () => {
	it('is read with its descriptors', () => {
		const annotated = { ...LAYER, annotations: { a: 'b' }, urls: ['https://example.com'] };
		expect(manifest({ layers: [annotated], annotations: null })()).toEqual({
			schemaVersion: 2,
			config: CONFIG,
			layers: [{ ...LAYER, annotations: { a: 'b' } }],
		});
	});

	it("may be Docker's schema 2", () => {
		const parsed = manifest({
			mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
			config: { ...CONFIG, mediaType: 'application/vnd.docker.container.image.v1+json' },
			layers: [{ ...LAYER, mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }],
		})();
		expect(parsed.layers).toHaveLength(1);
	});

	it.each([
		['another schema version', { schemaVersion: 1 }, '/schemaVersion must be 2'],
		['no config', { config: undefined }, '/config must be an object'],
		['layers that are no array', { layers: {} }, '/layers must be an array'],
		['a layer without a digest', { layers: [{ ...LAYER, digest: undefined }] }, '/layers/0/digest must be a string'],
		['a negative size', { layers: [LAYER, { ...LAYER, size: -1 }] }, '/layers/1/size must be a whole number'],
		['a size with a fraction', { config: { ...CONFIG, size: 1.5 } }, '/config/size must be a whole number'],
		['a size beyond 2^53', { config: { ...CONFIG, size: 2 ** 60 } }, '/config/size must be a whole number'],
		['annotations that are not strings', { annotations: { 'a/b~c': 1 } }, '/annotations/a~1b~0c must be a string'],
		[
			'the media type of an index',
			{ mediaType: 'application/vnd.oci.image.index.v1+json' },
			'/mediaType must be the media type of a manifest',
		],
		['too many layers', { layers: Array(501).fill(LAYER) }, '/layers must be an array of at most 500'],
	])('with %s is refused by pointer', (_, change, message) => {
		expect(manifest(change)).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_IMAGE', message: expect.stringContaining(message) }),
		);
	});

	it.each(['sha256:../../x', digest('A'), 'sha256:abc', 'md5:d41d8cd98f00b204e9800998ecf8427e', '../x'])(
		'with the digest %s is refused before any use of it (CVE-2024-3727)',
		text => {
			expect(manifest({ layers: [{ ...LAYER, digest: text }] })).toThrow('/layers/0/digest must be a digest');
		},
	);

	it('of an artifact is not an image', () => {
		expect(manifest({ config: { ...CONFIG, mediaType: 'application/vnd.cncf.helm.config.v1+json' } })).toThrow(
			expect.objectContaining({ code: 'TSRUN_NOT_AN_IMAGE' }),
		);
	});
});

describe('an index', () => {
	it('is read with platforms', () => {
		const entry = {
			...LAYER,
			mediaType: 'application/vnd.oci.image.manifest.v1+json',
			platform: { os: 'linux', architecture: 'arm', variant: 'v7', features: [] },
		};
		expect(index({ manifests: [entry] })().manifests[0]?.platform).toEqual({
			os: 'linux',
			architecture: 'arm',
			variant: 'v7',
		});
	});

	it('with a platform that has no architecture is refused', () => {
		expect(index({ manifests: [{ ...LAYER, platform: { os: 'linux' } }] })).toThrow(
			'/manifests/0/platform/architecture must be a string',
		);
	});
});

describe('a document that is a manifest and an index (CVE-2021-41190)', () => {
	const both = { ...MANIFEST, manifests: [] };
	it('is refused as either', () => {
		expect(() => parseManifest(bytes(both), 'm')).toThrow('must be a manifest or an index, not both');
		expect(() => parseIndex(bytes(both), 'i')).toThrow('must be a manifest or an index, not both');
		expect(() => parseIndex(bytes({ ...both, layers: undefined }), 'i')).toThrow('not both');
	});
});
