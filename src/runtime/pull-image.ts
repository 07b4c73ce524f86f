import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { hostPlatform, type PlatformChoice, readPlatform } from '../image/choose-platform.ts';
import { type NameReference, parseReference } from '../image/parse-reference.ts';
import { type Endpoint, type FullName, fullNamesOf, pullEndpoints } from '../image/registry/endpoints.ts';
import { readRegistriesConf } from '../image/registry/read-registries-conf.ts';
import type { Session } from '../image/registry/session.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import type { LayerLimits } from '../rootfs/extract-layer.ts';
import type { Store } from '../store/open-store.ts';
import { findEntry } from '../store/stored-images.ts';
import { readBlob } from '../store/write-blob.ts';
import { addImage, resolveImage } from './add-image.ts';
import { downloadLayers } from './download-layers.ts';
import { fetchOtherPlatforms } from './fetch-other-platforms.ts';
import { fetchReferrers } from './fetch-referrers.ts';
import { type Current, findCurrent } from './find-current.ts';
import type { OnLayer } from './layer-progress.ts';
import { openRegistry, type RegistryOptions } from './registry-context.ts';
import { readRegistryImage } from './registry-image.ts';
import type { ResolvedImage } from './resolved-image.ts';
import { withWorkspace } from './workspace.ts';

export interface PullOptions extends RegistryOptions {
	/** `os[/architecture[/variant]]`; the host's unless told. */
	readonly platform?: string | undefined;
	/** Also the images of an index for other platforms. */
	readonly allPlatforms?: boolean | undefined;
	/** Also what refers to it: signatures, SBOMs. */
	readonly referrers?: boolean | undefined;
	readonly onLayer?: OnLayer | undefined;
	/** Is told where the image comes from before the first layer does. */
	readonly onImage?: ((image: { readonly name: string; readonly repository: string }) => void) | undefined;
	readonly limits?: LayerLimits | undefined;
}

export interface PulledImage {
	/** In the store. */
	readonly name: string;
	/** With its registry: `docker.io/library/busybox:latest`. */
	readonly reference: string;
	/** Of what the name stands for at the registry: an index or a manifest. */
	readonly digest: Digest;
	readonly manifestDigest: Digest;
	readonly configDigest: Digest;
	/** False when the store had it all under this name. */
	readonly isNew: boolean;
}

/**
 * Brings an image from a registry into the store, its layers extracted.
 * @throws TsrunError TSRUN_BAD_REFERENCE, TSRUN_NO_IMAGE, TSRUN_UNAUTHORIZED, TSRUN_REGISTRY_UNREACHABLE and others
 */
export async function pullImage(store: Store, text: string, options: PullOptions): Promise<PulledImage> {
	const reference = parseReference(text);
	if (reference.kind === 'local' || reference.name === '') {
		throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a name at a registry`, {
			hint:
				reference.kind === 'local'
					? `tsrun load ${text} takes it from where it is`
					: 'an id says nothing to a registry',
		});
	}
	const config = readRegistriesConf(options.env);
	const names = fullNamesOf(reference, config);
	const failures: TsrunError[] = [];
	for (const name of names) {
		const endpoints = pullEndpoints(name, config);
		for (const [at, endpoint] of endpoints.entries()) {
			const open = (place: Endpoint): Promise<Session> =>
				openRegistry(place, { actions: 'pull', subject: subjectOf(name) }, options);
			const session = await open(endpoint);
			const later = openedOnce(endpoints.slice(at + 1), open);
			try {
				const current = await findCurrent(
					store,
					{ session, name },
					{ choice: choiceOf(options), allPlatforms: options.allPlatforms === true },
				);
				const kept = current === undefined ? undefined : await keepCurrent(store, { name, current }, options);
				const pulled = kept ?? (await pullNew(store, { session, others: later.places, name }, options));
				if (options.referrers === true) await pullReferrers(store, { session, pulled }, options);
				return pulled;
			} catch (error) {
				if (!(error instanceof TsrunError) || !isOfThisPlace(error)) throw error;
				failures.push(error);
			} finally {
				await session.close();
				await later.close();
			}
		}
	}
	throw allFailed(reference, failures);
}

/** Sessions that are opened when the first layer needs them. */
function openedOnce(
	endpoints: readonly Endpoint[],
	open: (endpoint: Endpoint) => Promise<Session>,
): { readonly places: readonly (() => Promise<Session>)[]; readonly close: () => Promise<void> } {
	const opened = new Map<Endpoint, Promise<Session>>();
	return {
		places: endpoints.map(endpoint => () => {
			const session = opened.get(endpoint) ?? open(endpoint);
			opened.set(endpoint, session);
			return session;
		}),
		close: async () => {
			for (const session of await Promise.allSettled(opened.values())) {
				if (session.status === 'fulfilled') await session.value.close();
			}
		},
	};
}

/** The names under which the store may have an image that was pulled by this reference. */
export function storedNames(reference: NameReference, env: RegistryOptions['env']): readonly string[] {
	return fullNamesOf(reference, readRegistriesConf(env)).map(({ name }) => name);
}

/** Of the image, of the index that it is from, and with all its platforms of each of its images. */
async function pullReferrers(
	store: Store,
	{ session, pulled }: { readonly session: Session; readonly pulled: PulledImage },
	{ allPlatforms, onLayer }: PullOptions,
): Promise<void> {
	const { digest, manifestDigest } = pulled;
	const isIndex = digest !== manifestDigest;
	const others =
		isIndex && allPlatforms === true ? parseIndex(readBlob(store, digest), `index ${digest}`).manifests : [];
	const subjects = [digest, manifestDigest, ...others.map(each => each.digest)];
	await withWorkspace(store, workspace => fetchReferrers(workspace, { session, subjects }, onLayer));
}

/** Nothing comes; a layer that is not extracted, is. Undefined when another command removed the image meanwhile. */
async function keepCurrent(
	store: Store,
	{ name, current: { digest, manifest } }: { readonly name: FullName; readonly current: Current },
	options: PullOptions,
): Promise<PulledImage | undefined> {
	const { onLayer, limits } = options;
	try {
		const { manifestDigest, configDigest } = await resolveImage(store, manifest, {
			choice: choiceOf(options),
			onLayer,
			limits,
		});
		options.onImage?.({ name: name.name, repository: name.repository });
		return { name: name.name, reference: subjectOf(name), digest, manifestDigest, configDigest, isNew: false };
	} catch (error) {
		if (error instanceof TsrunError && ['TSRUN_NO_IMAGE', 'TSRUN_STORE'].includes(error.code)) return undefined;
		throw error;
	}
}

async function pullNew(
	store: Store,
	{
		session,
		others,
		name,
	}: { readonly session: Session; readonly others: readonly (() => Promise<Session>)[]; readonly name: FullName },
	options: PullOptions,
): Promise<PulledImage> {
	const image = await readRegistryImage(session, name.version, choiceOf(options));
	options.onImage?.({ name: name.name, repository: name.repository });
	const before = digestBefore(store, name);
	const { onLayer, limits } = options;
	const add = (): Promise<ResolvedImage> =>
		addImage(
			store,
			{
				source: image.source,
				manifest: image.manifest,
				names: [name.name],
				index: image.index,
				bring: (inside, layers) => downloadLayers(inside, { session, others, layers }, onLayer),
			},
			{ choice: choiceOf(options), onLayer, limits },
		);
	const addAll = (): Promise<ResolvedImage> =>
		withWorkspace(store, async workspace => {
			await fetchOtherPlatforms(workspace, { session, image }, onLayer);
			return add();
		});
	const { manifestDigest, configDigest } = await (options.allPlatforms === true ? addAll() : add());
	return {
		name: name.name,
		reference: subjectOf(name),
		digest: image.digest,
		manifestDigest,
		configDigest,
		isNew: before !== manifestDigest,
	};
}

function digestBefore(store: Store, { name, digest }: FullName): Digest | undefined {
	try {
		return findEntry(store, { name, text: name, ...(digest === undefined ? {} : { digest }) }).digest;
	} catch {
		return undefined;
	}
}

/** What may be otherwise at the next mirror or registry. */
function isOfThisPlace({ code }: TsrunError): boolean {
	return [
		'TSRUN_NO_IMAGE',
		'TSRUN_UNAUTHORIZED',
		'TSRUN_REGISTRY_DENIED',
		'TSRUN_REGISTRY_BUSY',
		'TSRUN_REGISTRY',
		'TSRUN_REGISTRY_UNREACHABLE',
		'TSRUN_BAD_BLOB',
	].includes(code);
}

function allFailed({ text }: NameReference, failures: readonly TsrunError[]): TsrunError {
	const [first, ...others] = failures;
	if (first === undefined) {
		return new TsrunError('TSRUN_NO_IMAGE', `image ${JSON.stringify(text)} names no registry`, {
			hint: 'registries.conf has an empty unqualified-search-registries: write the registry before the name',
		});
	}
	if (others.length === 0) return first;
	const last = others.at(-1) ?? first;
	const tried = failures.map(({ message }) => message).join('; ');
	return new TsrunError(last.code, `image ${JSON.stringify(text)} cannot be pulled: ${tried}`, {
		cause: last,
		...(last.hint === undefined ? {} : { hint: last.hint }),
	});
}

function subjectOf({ repository, version, digest }: FullName): string {
	return `${repository}${digest === undefined ? ':' : '@'}${version}`;
}

function choiceOf({ platform }: PullOptions): PlatformChoice {
	const host = hostPlatform(process.arch);
	return { host, wanted: platform === undefined ? undefined : readPlatform(platform, host) };
}
