import { TsrunError } from '../../core/errors.ts';

const TRANSIENT = [
	'ECONNRESET',
	'EPIPE',
	'ETIMEDOUT',
	'EAI_AGAIN',
	'UND_ERR_SOCKET',
	'UND_ERR_CONNECT_TIMEOUT',
	'UND_ERR_HEADERS_TIMEOUT',
	'UND_ERR_BODY_TIMEOUT',
	'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
];

/** Whether the same request may well succeed a moment later. */
export function isTransient(error: unknown): boolean {
	return TRANSIENT.includes(codeOf(error)) || codeOf(error).startsWith('HPE_');
}

/** Whether the other side does not speak TLS, but may speak plain HTTP. */
export function isWithoutTls(error: unknown): boolean {
	return (
		codeOf(error) === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
		/wrong version number|packet length too long/.test(String(error))
	);
}

/** Whether the other side hung up on the greeting of TLS, as some that speak plain HTTP do. */
export function isTlsUnanswered(error: unknown): boolean {
	return /before secure TLS connection/.test(String(error));
}

export function isRefused(error: unknown): boolean {
	return codeOf(error) === 'ECONNREFUSED';
}

interface Circumstances {
	/** What was wanted: `example.com/app:1`. */
	readonly subject: string;
	readonly host: string;
}

const WORDS: Readonly<Record<string, readonly [words: string, hint?: string]>> = {
	ECONNREFUSED: ['connection refused', 'nothing listens there: is the registry running, and is its port right'],
	ECONNRESET: ['connection reset'],
	ENOTFOUND: ['no such host', 'the name has no address: look at its spelling, and at /etc/resolv.conf'],
	EAI_AGAIN: ['the name cannot be looked up', 'no name server answers: look at the network, and at /etc/resolv.conf'],
	ENETUNREACH: ['network is unreachable'],
	EHOSTUNREACH: ['no route to host'],
	UND_ERR_SOCKET: ['the connection ended before the answer'],
	UND_ERR_CONNECT_TIMEOUT: [
		'no connection within 20 seconds',
		'a firewall may be in between, or a proxy is needed: HTTPS_PROXY',
	],
	UND_ERR_HEADERS_TIMEOUT: ['no answer within 60 seconds'],
	UND_ERR_BODY_TIMEOUT: ['nothing came for 60 seconds'],
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['the answer is shorter than it said'],
	CERT_HAS_EXPIRED: ['its certificate has expired'],
	ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another name'],
};

const UNTRUSTED = [
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];

/** A failed connection in words for people. An error that has words already passes as it is. */
export function networkFailure(error: unknown, { subject, host }: Circumstances): unknown {
	if (error instanceof TsrunError) return error;
	const code = codeOf(error);
	const fail = (words: string, hint?: string): TsrunError =>
		new TsrunError('TSRUN_REGISTRY_UNREACHABLE', `${subject}: registry ${host} cannot be reached: ${words}`, {
			cause: error,
			...(hint === undefined ? {} : { hint }),
		});
	if (isWithoutTls(error)) {
		return fail(
			'it does not speak TLS',
			`if it may be used without, say so: --tls-verify=false, or in registries.conf [[registry]] location = "${host}" insecure = true`,
		);
	}
	if (isTlsUnanswered(error)) return fail('it ends the connection before TLS begins', 'it may not speak TLS at all');
	if (UNTRUSTED.includes(code)) {
		return fail(
			'nobody that is trusted vouches for its certificate',
			`put the certificate of its authority at /etc/containers/certs.d/${host}/ca.crt, or name it with SSL_CERT_FILE`,
		);
	}
	const known = WORDS[code];
	if (known !== undefined) return fail(...known);
	if (/tls|ssl|certificate/i.test(`${code} ${String(error)}`)) {
		return fail(`TLS fails: ${lowerFirst((error as Error).message.split('\n', 1)[0] ?? '')}`);
	}
	if (code === '') return error;
	return fail(lowerFirst((error as Error).message));
}

function codeOf(error: unknown): string {
	if (!(error instanceof Error)) return '';
	const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
	if (error instanceof AggregateError && typeof code !== 'string') return codeOf(error.errors[0]);
	return typeof code === 'string' ? code : codeOf(cause);
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}
