import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../support/run-tsrun.ts';

/** Exchanges two entries of a directory as fast as the kernel can, until the returned function is called. */
export function startSwap(sandbox: Sandbox, directory: string, [a, b]: readonly [string, string]): () => Promise<void> {
	const program = join(sandbox.dir, 'swap');
	if (!existsSync(program)) {
		execFileSync('cc', ['-O2', '-static', '-Wall', '-Werror', join(import.meta.dirname, 'swap.c'), '-o', program]);
	}
	const child = spawn(program, [directory, a, b], { stdio: ['ignore', 'ignore', 'inherit'] });
	const ended = once(child, 'exit');
	return async () => {
		if (child.exitCode !== null) throw new Error('the exchange of names ended by itself');
		child.kill('SIGKILL');
		await ended;
	};
}
