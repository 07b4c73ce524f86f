import { describe, expect, it } from 'vitest';
import { parseDigest } from '../../../src/core/brands.ts';
import { choosePlatform, formatPlatform, hostPlatform, readPlatform } from '../../../src/image/choose-platform.ts';
import type { Descriptor, Platform } from '../../../src/oci/image-spec.ts';

const platform = (text: string): Platform => readPlatform(text, { os: 'linux', architecture: 'amd64' });
const entry = (text: string | undefined, index: number): Descriptor => ({
	mediaType: 'application/vnd.oci.image.manifest.v1+json',
	digest: parseDigest(`sha256:${String(index).repeat(64)}`),
	size: 1,
	...(text === undefined ? {} : { platform: platform(text) }),
});
const choose = (existing: readonly (string | undefined)[], wanted: string | undefined, host = 'linux/amd64') => {
	const chosen = choosePlatform(existing.map(entry), {
		wanted: wanted === undefined ? undefined : platform(wanted),
		host: platform(host),
	});
	return chosen.platform === undefined ? 'none' : formatPlatform(chosen.platform);
};

describe('the manifest for a platform', () => {
	it.each([
		[['linux/arm64', 'linux/amd64'], undefined, 'linux/amd64', 'linux/amd64'],
		[['linux/amd64', 'linux/arm64/v8'], undefined, 'linux/arm64', 'linux/arm64/v8'],
		[['linux/arm64', 'linux/amd64'], undefined, 'linux/arm64/v8', 'linux/arm64'],
		[['linux/amd64', 's390x/s390x', 'linux/s390x'], 'linux/s390x', 'linux/amd64', 'linux/s390x'],
		[['linux/arm/v5', 'linux/arm/v7', 'linux/arm/v6'], 'linux/arm/v7', 'linux/amd64', 'linux/arm/v7'],
		[['linux/arm/v5', 'linux/arm/v7', 'linux/arm/v6'], 'linux/arm/v6', 'linux/amd64', 'linux/arm/v6'],
		[['linux/arm/v5'], 'linux/arm/v7', 'linux/amd64', 'linux/arm/v5'],
		[['linux/amd64/v3', 'linux/amd64'], 'linux/amd64', 'linux/amd64', 'linux/amd64'],
		[['unknown/unknown', 'linux/amd64'], undefined, 'linux/amd64', 'linux/amd64'],
		[[undefined], undefined, 'linux/amd64', 'none'],
		[['windows/amd64', 'linux/amd64'], 'linux', 'linux/amd64', 'linux/amd64'],
	])('of %j, wanted %s on %s: %s', (existing, wanted, host, expected) => {
		expect(choose(existing, wanted, host)).toBe(expected);
	});

	it('is never what says something about an image, whatever platform that calls its own', () => {
		const attestation = {
			...entry('linux/amd64', 1),
			annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
		};
		const choice = { host: platform('linux/amd64') };
		expect(choosePlatform([attestation, entry('linux/amd64', 2)], choice)).toEqual(entry('linux/amd64', 2));
		expect(() => choosePlatform([attestation], choice)).toThrow('no image for platform linux/amd64');
	});

	it('does not exist: the error names those that do', () => {
		expect(() => choose(['linux/arm64/v8', 'linux/arm/v7', 'unknown/unknown'], 'linux/riscv64')).toThrow(
			expect.objectContaining({
				code: 'TSRUN_NO_PLATFORM',
				message: 'no image for platform linux/riscv64',
				hint: 'the image exists for linux/arm64/v8, linux/arm/v7',
			}),
		);
		expect(() => choose(['linux/arm/v7'], 'linux/arm/v6')).toThrow('no image for platform linux/arm/v6');
		expect(() => choose([], undefined)).toThrow('no image for platform linux/amd64');
	});
});

it.each([
	['x64', 'linux/amd64'],
	['arm64', 'linux/arm64/v8'],
	['arm', 'linux/arm/v7'],
	['riscv64', 'linux/riscv64'],
])('a host of %s is %s', (arch, text) => {
	expect(formatPlatform(hostPlatform(arch))).toBe(text);
});

it("reads a platform in Go's words and in uname's", () => {
	expect(readPlatform('linux/aarch64', hostPlatform('x64'))).toEqual({ os: 'linux', architecture: 'arm64' });
	expect(readPlatform('linux', hostPlatform('x64'))).toEqual({ os: 'linux', architecture: 'amd64' });
});
