import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import type { Environment } from './read-registries-conf.ts';

/** What a TLS connection to a registry is made with: texts in PEM. */
export interface TlsFiles {
	readonly ca: readonly string[];
	/** For a registry that wants to know its clients. */
	readonly client?: { readonly cert: string; readonly key: string };
}

/** Where systems keep the certificates that they trust; the first that is there is read. */
const SYSTEM_BUNDLES = [
	'/etc/ssl/certs/ca-certificates.crt',
	'/etc/pki/tls/certs/ca-bundle.crt',
	'/etc/ssl/ca-bundle.pem',
	'/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
	'/etc/ssl/cert.pem',
];

/**
 * The certificates for a registry: what the system trusts, or instead of it what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, and of
 * `certs.d/<host>` every `*.crt`, and a `*.cert` with its `*.key` as the client's own (containers-certs.d(5), docker's
 * certs.d alike).
 * @throws TsrunError TSRUN_BAD_CERTIFICATE
 */
export function readTlsFiles(host: string, env: Environment): TlsFiles {
	const folders = [
		...(env.HOME ? [join(env.HOME, '.config/containers/certs.d')] : []),
		'/etc/containers/certs.d',
		'/etc/docker/certs.d',
	];
	const folder = folders.map(path => join(path, host)).find(path => list(path).length > 0);
	const names = folder === undefined ? [] : list(folder);
	const own = folder === undefined ? [] : names.filter(name => name.endsWith('.crt')).map(name => read(folder, name));
	const client = folder === undefined ? undefined : readClient(folder, names);
	return { ca: [...trusted(env), ...own], ...(client === undefined ? {} : { client }) };
}

function trusted(env: Environment): readonly string[] {
	const extra = env.NODE_EXTRA_CA_CERTS ? [read(env.NODE_EXTRA_CA_CERTS)] : [];
	const folders = (env.SSL_CERT_DIR ?? '').split(':').filter(Boolean);
	const inFolders = folders.flatMap(folder =>
		list(folder)
			.filter(name => /\.(pem|crt|cer|[0-9])$/.test(name))
			.map(name => read(folder, name)),
	);
	if (env.SSL_CERT_FILE) return [read(env.SSL_CERT_FILE), ...inFolders, ...extra];
	if (inFolders.length > 0) return [...inFolders, ...extra];
	const bundle = SYSTEM_BUNDLES.map(readIfThere).find(text => text !== undefined);
	return [...(bundle === undefined ? rootCertificates : [bundle]), ...extra];
}

function readClient(folder: string, names: readonly string[]): TlsFiles['client'] {
	const cert = names.find(name => name.endsWith('.cert'));
	if (cert === undefined) return undefined;
	const key = cert.replace(/\.cert$/, '.key');
	if (!names.includes(key)) {
		throw new TsrunError('TSRUN_BAD_CERTIFICATE', `certificate ${join(folder, cert)} has no key`, {
			hint: `put it at ${join(folder, key)}`,
		});
	}
	return { cert: read(folder, cert), key: read(folder, key) };
}

function list(folder: string): readonly string[] {
	try {
		return readdirSync(folder).sort();
	} catch {
		return [];
	}
}

function read(...parts: readonly string[]): string {
	const path = join(...parts);
	return attempt({ code: 'TSRUN_BAD_CERTIFICATE', action: `read the certificate ${path}` }, () =>
		readFileSync(path, 'utf8'),
	);
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
