import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const BUILD = resolve(import.meta.dirname, '../../../build');

/** A C file of this folder as a program, compiled once for each version of its source. Returns its path on the host. */
export function compileProgram(name: string, flags: readonly string[] = []): string {
	const source = join(import.meta.dirname, name);
	const hash = createHash('sha256').update(readFileSync(source)).update(flags.join(' ')).digest('hex');
	const program = join(BUILD, `${basename(name, '.c')}-${hash.slice(0, 16)}`);
	if (!existsSync(program)) {
		mkdirSync(BUILD, { recursive: true });
		const draft = `${program}.${process.pid}`;
		execFileSync('cc', ['-O1', '-Wall', '-Wextra', '-Werror', ...flags, source, '-o', draft]);
		renameSync(draft, program);
	}
	return program;
}
