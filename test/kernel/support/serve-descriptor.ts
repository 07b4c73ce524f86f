import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface ServedDescriptor {
	/** What came, then the output of a terminal. */
	readonly output: Promise<string>;
	readonly stop: () => void;
}

/** Serves a unix socket for one descriptor, such as a console socket; resolves when it is listening. */
export async function serveDescriptor(socket: string): Promise<ServedDescriptor> {
	const server = spawn('python3', [join(import.meta.dirname, 'serve-descriptor.py'), socket], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	await once(server.stdout, 'readable');
	const output = text(server.stdout).then(all => all.replace(/^ready\n/, ''));
	return { output, stop: () => server.kill('SIGKILL') };
}
