import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxyServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openHttp } from '../../../../src/image/registry/http.ts';
import { openSession } from '../../../../src/image/registry/session.ts';
import { readTlsFiles } from '../../../../src/image/registry/tls-files.ts';
import { fakeRegistry } from './fake-registry.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-tls-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string): string => join(dir, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

beforeAll(() => {
	const openssl = (...words: readonly string[]): void => {
		execFileSync('openssl', words, { cwd: dir, stdio: 'pipe' });
	};
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=authority');
	writeFileSync(at('names'), 'subjectAltName=DNS:registry.test,IP:127.0.0.1\n');
	for (const who of ['server', 'client']) {
		openssl('req', ...key, '-keyout', `${who}.key`, '-out', `${who}.csr`, '-subj', `/CN=${who}`);
		const sign = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
		openssl('x509', '-req', '-in', `${who}.csr`, '-out', `${who}.crt`, ...sign);
	}
});

/** A home whose certs.d has these files for the host. */
function homeWith(host: string, files: Readonly<Record<string, string>>): string {
	const home = mkdtempSync(join(dir, 'home-'));
	const folder = join(home, '.config/containers/certs.d', host);
	mkdirSync(folder, { recursive: true });
	for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
	return home;
}

it('of certs.d each *.crt is trusted beside the system, a *.cert with its key is the client’s', () => {
	const home = homeWith('a.io:5000', { 'x.crt': 'X', 'y.crt': 'Y', 'me.cert': 'C', 'me.key': 'K', 'z.txt': 'Z' });
	const { ca, client } = readTlsFiles('a.io:5000', { HOME: home });
	expect(ca.slice(-2)).toEqual(['X', 'Y']);
	expect(ca.length).toBeGreaterThan(2);
	expect(client).toEqual({ cert: 'C', key: 'K' });
	expect(readTlsFiles('a.io', { HOME: home }).client).toBeUndefined();
});

it('SSL_CERT_FILE and SSL_CERT_DIR take the place of what the system trusts', () => {
	const folder = mkdtempSync(join(dir, 'certs-'));
	writeFileSync(join(folder, 'a.pem'), 'A');
	writeFileSync(join(folder, 'README'), 'no');
	writeFileSync(at('file.pem'), 'F');
	expect(readTlsFiles('a.io', { SSL_CERT_FILE: at('file.pem') }).ca).toEqual(['F']);
	expect(readTlsFiles('a.io', { SSL_CERT_DIR: `/no/such:${folder}` }).ca).toEqual(['A']);
	expect(readTlsFiles('a.io', { SSL_CERT_FILE: at('file.pem'), SSL_CERT_DIR: folder }).ca).toEqual(['F', 'A']);
});

it('a certificate without its key, and a file that is not there, are named', () => {
	const home = homeWith('a.io', { 'me.cert': 'C' });
	expect(() => readTlsFiles('a.io', { HOME: home })).toThrow(/certificate \S+\/a\.io\/me\.cert has no key/);
	expect(() => readTlsFiles('a.io', { SSL_CERT_FILE: '/no/such' })).toThrow('cannot read the certificate /no/such');
});

async function ask(host: string, env: Readonly<Record<string, string>>): Promise<number> {
	const session = openSession(
		{ host, repository: 'a', isInsecure: false },
		{
			env,
			actions: 'pull',
			subject: 's',
			login: undefined,
			patience: { attempts: 1, random: () => 0, now: () => 0, wait: async () => {} },
		},
	);
	try {
		const response = await session.request({ method: 'GET', to: 'a/tags/list' });
		await response.drop();
		return response.status;
	} finally {
		await session.close();
	}
}

async function secureServer(): Promise<string> {
	const server = createServer(
		{
			key: text('server.key'),
			cert: text('server.crt'),
			ca: text('ca.crt'),
			requestCert: true,
			rejectUnauthorized: true,
		},
		(_, response) => response.end('yes'),
	);
	server.on('tlsClientError', () => {});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return String((server.address() as AddressInfo).port);
}

it('a registry that wants to know its clients knows this one by its certificate', async () => {
	const host = `127.0.0.1:${await secureServer()}`;
	const known = homeWith(host, {
		'ca.crt': text('ca.crt'),
		'me.cert': text('client.crt'),
		'me.key': text('client.key'),
	});
	expect(await ask(host, { HOME: known })).toBe(200);
	const unknown = homeWith(host, { 'ca.crt': text('ca.crt') });
	await expect(ask(host, { HOME: unknown })).rejects.toMatchObject({ code: 'TSRUN_REGISTRY_UNREACHABLE' });
});

it('a proxy is asked for a tunnel to a registry with TLS, with its own password, and never sees what is in it', async () => {
	const port = await secureServer();
	const seen: string[] = [];
	const proxy = createProxyServer();
	proxy.on('connect', (request, socket) => {
		seen.push(`${request.url} ${request.headers['proxy-authorization']}`);
		const upstream = connect(Number(port), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 OK\r\n\r\n');
			upstream.pipe(socket).pipe(upstream);
		});
		upstream.on('error', () => socket.destroy());
		socket.on('error', () => upstream.destroy());
	});
	await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		proxy.closeAllConnections();
		proxy.close();
	});
	const host = `registry.test:${port}`;
	const home = homeWith(host, {
		'ca.crt': text('ca.crt'),
		'me.cert': text('client.crt'),
		'me.key': text('client.key'),
	});
	const HTTPS_PROXY = `http://me:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	expect(await ask(host, { HOME: home, HTTPS_PROXY })).toBe(200);
	expect(seen).toEqual([`registry.test:${port} Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
	await expect(ask(host, { HOME: home, HTTPS_PROXY, NO_PROXY: '.test' })).rejects.toThrow(/cannot be reached/);
});

it('a proxy is asked for the whole address of a registry without TLS', async () => {
	const proxy = await fakeRegistry(() => ({ body: 'yes' }));
	const http = openHttp({ env: { HTTP_PROXY: `http://me:pw@${proxy.host}` }, isInsecure: true });
	onTestFinished(async () => {
		await http.close();
		await proxy.close();
	});
	const url = new URL('http://plain.test:5000/v2/a/tags/list?n=1');
	const response = await http.send({ method: 'GET', url, headers: {} });
	await response.drop();
	expect(response.status).toBe(200);
	expect(proxy.asked.map(({ path, headers }) => [path, headers.host, headers['proxy-authorization']])).toEqual([
		[url.href, 'plain.test:5000', `Basic ${Buffer.from('me:pw').toString('base64')}`],
	]);
});
