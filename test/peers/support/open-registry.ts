import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RegistryOptions {
	/** HTTPS with a certificate of an authority of the test's own. */
	readonly tls?: boolean;
	/** Only `tester` may come in, with the password `secret word`. */
	readonly login?: boolean;
}

export interface TestRegistry {
	/** `127.0.0.1:port` */
	readonly host: string;
	readonly dir: string;
	/** PEM file of the authority, with `tls`. */
	readonly ca: string;
	/** registries.conf that names the registry as insecure, where it has no TLS. */
	readonly conf: string;
	/** What the registry has logged. */
	readonly log: () => string;
	readonly close: () => Promise<void>;
}

export const LOGIN = { username: 'tester', password: 'secret word' } as const;

/** Debian's docker-registry, on a port that the kernel chooses. */
export async function openTestRegistry({ tls = false, login = false }: RegistryOptions = {}): Promise<TestRegistry> {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-registry-'));
	const at = (name: string): string => join(dir, name);
	if (tls) makeCertificates(dir);
	if (login) {
		const line = execFileSync('htpasswd', ['-Bbn', LOGIN.username, LOGIN.password], { encoding: 'utf8' });
		writeFileSync(at('htpasswd'), line);
	}
	const config = {
		version: 0.1,
		log: { level: 'info', accesslog: { disabled: false } },
		storage: { filesystem: { rootdirectory: at('data') }, delete: { enabled: true } },
		http: {
			addr: '127.0.0.1:0',
			secret: 'test',
			...(tls ? { tls: { certificate: at('server.crt'), key: at('server.key') } } : {}),
		},
		...(login ? { auth: { htpasswd: { realm: 'test', path: at('htpasswd') } } } : {}),
	};
	writeFileSync(at('config.yml'), JSON.stringify(config));
	const child = spawn('docker-registry', ['serve', at('config.yml')], { stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
	const port = await new Promise<string>((resolve, reject) => {
		const listen = (text: string): void => {
			log += text;
			const found = /listening on 127\.0\.0\.1:([0-9]+)/.exec(log)?.[1];
			if (found !== undefined) resolve(found);
		};
		child.stdout.setEncoding('utf8').on('data', listen);
		child.stderr.setEncoding('utf8').on('data', listen);
		child.once('error', reject);
		child.once('exit', code => reject(new Error(`docker-registry ended with ${code}: ${log}`)));
	});
	const host = `127.0.0.1:${port}`;
	writeFileSync(at('registries.conf'), tls ? '' : `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
	return {
		host,
		dir,
		ca: at('ca.crt'),
		conf: at('registries.conf'),
		log: () => log,
		close: async () => {
			child.kill('SIGKILL');
			await ended;
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

/** `ca.crt`, `server.crt` and `server.key`, and `client.cert` and `client.key` of the same authority. */
function makeCertificates(dir: string): void {
	const openssl = (...words: readonly string[]): void => {
		execFileSync('openssl', words, { cwd: dir, stdio: 'pipe' });
	};
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	openssl(
		'req',
		'-x509',
		...key,
		'-keyout',
		'ca.key',
		'-out',
		'ca.crt',
		'-days',
		'2',
		'-subj',
		'/CN=tsrun test authority',
	);
	openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=tsrun test registry');
	writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
	const sign = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
	openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.crt', ...sign);
}

/** A home directory whose certs.d trusts the registry's authority. */
export function homeThatTrusts(registry: TestRegistry): string {
	const home = join(registry.dir, 'home');
	const folder = join(home, '.config/containers/certs.d', registry.host);
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'ca.crt'), readFileSync(registry.ca));
	return home;
}
