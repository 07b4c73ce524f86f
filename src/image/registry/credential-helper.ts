import { spawn } from 'node:child_process';
import { TsrunError } from '../../core/errors.ts';
import type { Login } from './auth-files.ts';

const MAX_ANSWER = 1 << 20;
const TIMEOUT_MS = 60_000;
/** What the helpers of docker-credential-helpers say where there is nothing. */
const NOTHING = /credentials not found/;

/** What `docker-credential-<name> get` knows of a server; undefined: nothing. @throws TsrunError TSRUN_CREDENTIAL_HELPER */
export async function askHelper(name: string, server: string): Promise<Login | undefined> {
	const { code, output, words } = await runHelper(name, 'get', server);
	if (code !== 0) {
		if (NOTHING.test(output + words)) return undefined;
		throw failed(name, 'get', (output + words).trim() || `it ended with ${code}`);
	}
	let answer: Readonly<Record<string, unknown>>;
	try {
		answer = JSON.parse(output) as Readonly<Record<string, unknown>>;
	} catch (cause) {
		throw failed(name, 'get', 'its answer is not JSON', cause);
	}
	const { Username: username, Secret: secret } = answer;
	if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
	return username === '<token>'
		? { kind: 'identity-token', token: secret }
		: { kind: 'password', username, password: secret };
}

/** Gives a login to a helper, or takes it away. @throws TsrunError TSRUN_CREDENTIAL_HELPER */
export async function tellHelper(name: string, action: 'store' | 'erase', input: string): Promise<void> {
	const { code, output, words } = await runHelper(name, action, input);
	if (code === 0 || (action === 'erase' && NOTHING.test(output + words))) return;
	throw failed(name, action, (output + words).trim() || `it ended with ${code}`);
}

interface HelperEnd {
	readonly code: number | null;
	readonly output: string;
	readonly words: string;
}

function runHelper(name: string, action: string, input: string): Promise<HelperEnd> {
	// the name becomes a part of a command's name: it must not lead elsewhere
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw failed(name, action, 'that is not the name of a helper');
	return new Promise((resolve, reject) => {
		const child = spawn(`docker-credential-${name}`, [action], { stdio: 'pipe', timeout: TIMEOUT_MS });
		let output = '';
		let words = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			if (output.length < MAX_ANSWER) output += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			if (words.length < MAX_ANSWER) words += text;
		});
		child.on('error', cause => {
			const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
			reject(failed(name, action, isMissing ? 'it is not in PATH' : cause.message, cause));
		});
		child.on('close', code => resolve({ code, output, words }));
		child.stdin.on('error', () => {});
		child.stdin.end(input);
	});
}

function failed(name: string, action: string, fault: string, cause?: unknown): TsrunError {
	const program = `docker-credential-${name.slice(0, 60)}`;
	return new TsrunError(
		'TSRUN_CREDENTIAL_HELPER',
		`credential helper ${program} ${action} failed: ${fault.slice(0, 300)}`,
		{
			hint: 'credHelpers and credsStore in docker’s config.json name it',
			...(cause === undefined ? {} : { cause }),
		},
	);
}
