import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { logIn } from '../runtime/log-in.ts';

interface Flags {
	readonly username?: string;
	readonly password?: string;
	readonly passwordStdin?: boolean;
	readonly tlsVerify?: boolean;
}

/** `tsrun login`: docker's flags, and its files. */
export function declareCommand(command: Command): void {
	command
		.argument('[registry]', 'host[:port]; docker.io unless told')
		.option('-u, --username <name>', 'user name')
		.option('-p, --password <password>', 'password; others may see it in the list of processes')
		.option('--password-stdin', 'read the password from standard input')
		.option('--tls-verify', 'with =false: take any certificate, and HTTP where there is no TLS')
		.action(async (server: string | undefined) => {
			const flags = command.opts<Flags>();
			const { username, password } = await readLogin(flags);
			const kept = await logIn(
				server,
				{ kind: 'password', username, password },
				{ env: process.env, tlsVerify: flags.tlsVerify },
			);
			if (kept.helper === undefined) {
				process.stderr.write(`tsrun: the password is in ${kept.path}, as text that root and you can read\n`);
			}
			process.stdout.write('Login Succeeded\n');
		});
}

async function readLogin({
	username,
	password,
	passwordStdin,
}: Flags): Promise<{ username: string; password: string }> {
	if (password !== undefined && passwordStdin === true) {
		throw new TsrunError('TSRUN_USAGE', 'login: --password and --password-stdin exclude each other');
	}
	if (username?.includes(':') === true) {
		throw new TsrunError('TSRUN_USAGE', `login: user name ${JSON.stringify(username)} has a colon`);
	}
	if (passwordStdin === true) {
		if (!username) throw new TsrunError('TSRUN_USAGE', 'login: --password-stdin needs --username');
		return { username, password: nonEmpty(await readStandardInput()) };
	}
	if (username && password !== undefined) return { username, password: nonEmpty(password) };
	if (!process.stdin.isTTY) {
		throw new TsrunError('TSRUN_USAGE', 'login: standard input is not a terminal to ask at', {
			hint: 'tsrun login -u NAME --password-stdin < FILE',
		});
	}
	const name = username ?? (await ask('Username: ', true));
	return { username: name, password: nonEmpty(password ?? (await ask('Password: ', false))) };
}

/** Without the end of its line, as `echo` writes it. */
async function readStandardInput(): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks)
		.toString('utf8')
		.replace(/\r?\n$/, '');
}

async function ask(question: string, isEchoed: boolean): Promise<string> {
	process.stderr.write(question);
	const output = isEchoed ? process.stderr : new Writable({ write: (_chunk, _encoding, done) => done() });
	const reader = createInterface({ input: process.stdin, output, terminal: true });
	try {
		return await reader.question('');
	} finally {
		reader.close();
		if (!isEchoed) process.stderr.write('\n');
	}
}

function nonEmpty(password: string): string {
	if (password !== '') return password;
	throw new TsrunError('TSRUN_USAGE', 'login: the password is empty');
}
