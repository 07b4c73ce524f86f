import { type Digest, parseDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';

export type LocalTransport = 'oci' | 'oci-archive' | 'docker-archive';

/** An image in a file or directory: `oci:<dir>[:<ref>]`, `oci-archive:<file>[:<ref>]`, `docker-archive:<file>[:<ref>]`. */
export interface LocalReference {
	readonly kind: 'local';
	readonly transport: LocalTransport;
	readonly path: string;
	/** Absent where the path holds one image. */
	readonly ref?: string;
	/** The text as given, for messages. */
	readonly text: string;
}

/** An image in the store, by name. */
export interface NameReference {
	readonly kind: 'name';
	/** As docker displays it: `busybox:latest`, `ghcr.io/owner/name:1.2`. */
	readonly name: string;
	/** The manifest that the name must stand for. */
	readonly digest?: Digest;
	/** Set when the text may also be the beginning of an image id. */
	readonly idPrefix?: string;
	readonly text: string;
}

/** What a name without a registry means (docker.io), and where it keeps images whose name is one word. */
export const DOCKER_HUB = 'docker.io';
const OFFICIAL = 'library/';

export type ImageReference = LocalReference | NameReference;

const TRANSPORTS: readonly LocalTransport[] = ['oci', 'oci-archive', 'docker-archive'];
/** Transports of other tools, named so that the error can say that they are not read (yet). */
const FOREIGN = ['docker', 'docker-daemon', 'containers-storage', 'dir', 'ostree', 'sif', 'tarball', 'http', 'https'];
const DOMAIN =
	/^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::([0-9]+))?$/;
const MAX_PORT = 65_535;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
/** That many hex digits are never a name, so that no name can be taken for the id of another image. */
const ID_LENGTH = 64;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** Of the part after the registry. */
const MAX_PATH = 255;

/**
 * Reads what a user types to mean an image. Names follow the grammar of distribution's `reference` package; `busybox`,
 * `docker.io/busybox` and `docker.io/library/busybox:latest` are one name.
 * @throws TsrunError TSRUN_BAD_REFERENCE
 */
export function parseReference(text: string): ImageReference {
	const transport = TRANSPORTS.find(name => text.startsWith(`${name}:`));
	if (transport !== undefined) return parseLocal(transport, text);
	const foreign = FOREIGN.find(name => text.startsWith(`${name}:`) && /^[^:]*:(\/|[a-z-]+:)/.test(text));
	if (foreign !== undefined) {
		throw badReference(
			text,
			`has the transport ${foreign}, which is not read`,
			'use oci:DIR, oci-archive:FILE or docker-archive:FILE',
		);
	}
	return parseName(text);
}

/** The one spelling of a name, with its tag. @throws TsrunError TSRUN_BAD_REFERENCE */
export function normaliseName(text: string): string {
	return parseName(text).name;
}

function parseLocal(transport: LocalTransport, text: string): LocalReference {
	const rest = text.slice(transport.length + 1);
	if (rest.includes('\0')) throw badReference(text, 'holds a NUL');
	const colon = rest.indexOf(':');
	const path = colon === -1 ? rest : rest.slice(0, colon);
	const ref = colon === -1 ? '' : rest.slice(colon + 1);
	if (path === '') throw badReference(text, 'names no path', `expected ${transport}:PATH or ${transport}:PATH:NAME`);
	return { kind: 'local', transport, path, ...(ref === '' ? {} : { ref }), text };
}

function parseName(text: string): NameReference {
	const at = text.indexOf('@');
	const named = at === -1 ? text : text.slice(0, at);
	const digest = at === -1 ? undefined : digestIn(text, text.slice(at + 1));
	const bareId = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(text)?.[1];
	const isOnlyId = text.startsWith('sha256:') || bareId?.length === ID_LENGTH;
	if (isOnlyId && bareId !== undefined) return { kind: 'name', name: '', idPrefix: bareId, text };

	const colon = named.lastIndexOf(':');
	const hasTag = colon > named.lastIndexOf('/');
	const repository = hasTag ? named.slice(0, colon) : named;
	const tag = hasTag ? named.slice(colon + 1) : 'latest';
	if (!TAG.test(tag)) throw badReference(text, `has the tag ${JSON.stringify(tag.slice(0, 140))}, which is not valid`);
	return {
		kind: 'name',
		name: `${familiar(repository, text)}:${tag}`,
		...(digest === undefined ? {} : { digest }),
		...(bareId === undefined ? {} : { idPrefix: bareId }),
		text,
	};
}

/** The repository without what docker leaves out when it displays one: `docker.io/` and `library/`. */
function familiar(repository: string, text: string): string {
	if (repository === '') throw badReference(text, 'is empty', 'expected NAME, NAME:TAG, or oci:DIR');
	const { domain, path } = splitRepository(repository);
	const port = DOMAIN.exec(domain)?.[1];
	if (!DOMAIN.test(domain) || Number(port ?? 0) > MAX_PORT) {
		throw badReference(text, `has the registry ${JSON.stringify(domain.slice(0, 100))}, which is not valid`);
	}
	if (path.length > MAX_PATH) throw badReference(text, `is longer than ${MAX_PATH} characters`);
	if (!PATH.test(path)) {
		const hint =
			path === path.toLowerCase()
				? 'a name is lower-case letters, digits, and single . _ - between them'
				: 'a name is lower-case';
		throw badReference(text, 'is not a valid image name', hint);
	}
	if (domain !== DOCKER_HUB) return `${domain}/${path}`;
	const short = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path;
	const displayed = short.includes('/') ? path : short;
	// a name that would be read as an id, or as one of another registry, keeps what tells it apart
	return isIdOnly(displayed) || !isShortName(displayed) ? `${DOCKER_HUB}/${path}` : displayed;
}

/** Also `sha256`, whose tags would be read as ids. */
const isIdOnly = (name: string): boolean =>
	name === 'sha256' || (name.length === ID_LENGTH && /^[0-9a-f]+$/.test(name));

/**
 * A repository as its registry and the path there, as docker reads it: the first part is a registry when it has a dot, a port or
 * a capital letter, or is `localhost`. The path of Docker's own registry has at least two parts.
 */
export function splitRepository(repository: string): { readonly domain: string; readonly path: string } {
	const slash = repository.indexOf('/');
	const first = slash === -1 ? '' : repository.slice(0, slash);
	const isDomain = !isShortName(repository);
	const domain = isDomain && first !== 'index.docker.io' ? first : DOCKER_HUB;
	const path = isDomain ? repository.slice(slash + 1) : repository;
	return { domain, path: domain === DOCKER_HUB && !path.includes('/') && path !== '' ? `${OFFICIAL}${path}` : path };
}

/** Whether a name leaves its registry to the configuration: `busybox`, `team/app`. */
export function isShortName(text: string): boolean {
	const slash = text.indexOf('/');
	const first = slash === -1 ? '' : text.slice(0, slash);
	return first === '' || !(/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
}

function digestIn(text: string, digest: string): Digest {
	try {
		return parseDigest(digest);
	} catch (error) {
		if (!(error instanceof TsrunError)) throw error;
		throw new TsrunError(error.code, `image reference ${JSON.stringify(text.slice(0, 200))}: ${error.message}`, {
			...(error.hint === undefined ? {} : { hint: error.hint }),
			cause: error,
		});
	}
}

function badReference(text: string, fault: string, hint?: string): TsrunError {
	const shown = JSON.stringify(text.slice(0, 200));
	return new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${shown} ${fault}`, hint === undefined ? {} : { hint });
}
