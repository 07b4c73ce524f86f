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

export type ImageReference = LocalReference | NameReference;

const TRANSPORTS: readonly LocalTransport[] = ['oci', 'oci-archive', 'docker-archive'];
/** Transports of other tools, named so that the error can say that they are not read (yet). */
const FOREIGN = ['docker', 'docker-daemon', 'containers-storage', 'dir', 'ostree', 'sif', 'tarball', 'http', 'https'];
const DOMAIN =
	/^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const MAX_NAME = 255;

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
	const digest = at === -1 ? undefined : parseDigest(text.slice(at + 1));
	const bareId = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(text)?.[1];
	if (text.startsWith('sha256:') && bareId !== undefined) return { kind: 'name', name: '', idPrefix: bareId, text };

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
	const slash = repository.indexOf('/');
	const first = slash === -1 ? '' : repository.slice(0, slash);
	const isDomain = first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
	const domain = isDomain ? first : 'docker.io';
	const path = isDomain ? repository.slice(slash + 1) : repository;
	if (repository === '') throw badReference(text, 'is empty', 'expected NAME, NAME:TAG, or oci:DIR');
	if (repository.length > MAX_NAME) throw badReference(text, `is longer than ${MAX_NAME} characters`);
	if (!DOMAIN.test(domain)) throw badReference(text, `has the registry ${JSON.stringify(domain)}, which is not valid`);
	if (!PATH.test(path)) {
		const hint =
			path === path.toLowerCase()
				? 'a name is lower-case letters, digits, and single . _ - between them'
				: 'a name is lower-case';
		throw badReference(text, 'is not a valid image name', hint);
	}
	if (domain !== 'docker.io' && domain !== 'index.docker.io') return `${domain}/${path}`;
	return path.startsWith('library/') && !path.slice('library/'.length).includes('/')
		? path.slice('library/'.length)
		: path;
}

function badReference(text: string, fault: string, hint?: string): TsrunError {
	const shown = JSON.stringify(text.slice(0, 200));
	return new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${shown} ${fault}`, hint === undefined ? {} : { hint });
}
