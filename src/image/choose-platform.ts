import { TsrunError } from '../core/errors.ts';
import type { Descriptor, Platform } from '../oci/image-spec.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = {
	x64: 'amd64',
	arm64: 'arm64',
	arm: 'arm',
	ia32: '386',
	ppc64: 'ppc64le',
	s390x: 's390x',
	riscv64: 'riscv64',
	loong64: 'loong64',
};

/** The platform of a Linux host, in Go's words; `arch` is Node's `process.arch`. */
export function hostPlatform(arch: string): Platform {
	const architecture = ARCHITECTURES[arch] ?? arch;
	return architecture === 'arm64'
		? { os: 'linux', architecture, variant: 'v8' }
		: architecture === 'arm'
			? { os: 'linux', architecture, variant: 'v7' }
			: { os: 'linux', architecture };
}

export interface PlatformChoice {
	/** What `--platform` asks for; the host's own where it is absent. */
	readonly wanted?: Platform | undefined;
	readonly host: Platform;
}

/**
 * Chooses a manifest for a platform (image-spec 1.1, image-index.md). For 32-bit arm the highest variant that is not above
 * the wanted one; elsewhere the same variant, or else the first of the architecture. A descriptor without a platform is
 * taken only when it is the only one; its config is checked later.
 * @throws TsrunError TSRUN_NO_PLATFORM, naming the platforms that exist
 */
export function choosePlatform(manifests: readonly Descriptor[], { wanted, host }: PlatformChoice): Descriptor {
	const target = wanted ?? host;
	const images = manifests.filter(isForPlatform);
	const only = images.length === 1 ? images[0] : undefined;
	if (only !== undefined && only.platform === undefined) return only;
	const best = images
		.filter(({ platform }) => platform !== undefined && platformMatches(platform, target))
		.sort((a, b) => closeness(b.platform, target) - closeness(a.platform, target))[0];
	if (best !== undefined) return best;
	const known = [
		...new Set(images.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]))),
	];
	throw new TsrunError('TSRUN_NO_PLATFORM', `no image for platform ${formatPlatform(target)}`, {
		hint: known.length === 0 ? 'the index names no platform at all' : `the image exists for ${known.join(', ')}`,
	});
}

/** False for what says something about an image of the same index, such as the attestations that BuildKit adds. */
export function isForPlatform({ platform, annotations }: Descriptor): boolean {
	return platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] === undefined;
}

/** Whether an image of platform `have` runs where `target` is wanted. */
export function platformMatches(have: Platform, target: Platform): boolean {
	if (have.os !== target.os || have.architecture !== target.architecture) return false;
	if (have.architecture !== 'arm') return target.variant === undefined || variantOf(have) === variantOf(target);
	return armVersion(have) <= armVersion(target);
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
	return `${os}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

function closeness(platform: Platform | undefined, target: Platform): number {
	if (platform === undefined) return -1;
	if (platform.architecture === 'arm') return armVersion(platform);
	return variantOf(platform) === variantOf(target) ? 1 : 0;
}

/** `v8` is the only variant of arm64 and `v1` the baseline of amd64; an absent one means it. */
function variantOf({ architecture, variant }: Platform): string {
	return variant ?? (architecture === 'arm64' ? 'v8' : architecture === 'amd64' ? 'v1' : '');
}

function armVersion({ variant }: Platform): number {
	return Number(/^v?([0-9]+)$/.exec(variant ?? 'v7')?.[1] ?? 7);
}

/** Reads `os[/architecture[/variant]]`, as `--platform` has it; what is left out is the host's. */
export function readPlatform(text: string, host: Platform): Platform {
	const [os = '', architecture, variant] = text.toLowerCase().split('/');
	if (architecture === undefined) return { ...host, os };
	return { os, architecture: SPELLINGS[architecture] ?? architecture, ...(variant === undefined ? {} : { variant }) };
}

const SPELLINGS: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armhf: 'arm', i386: '386' };
