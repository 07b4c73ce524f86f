import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';

const HERE = import.meta.dirname;
const SOURCES = ['witness.h', 'witness.c', 'witness-actions.c'].map(name => join(HERE, name));
const BUILD = resolve(HERE, '../../../build');

/** The static witness, compiled once for each version of its source. Returns its path on the host. */
export function compileWitness(): string {
	const hash = createHash('sha256');
	for (const source of SOURCES) hash.update(readFileSync(source));
	const program = join(BUILD, `witness-${hash.digest('hex').slice(0, 16)}`);
	if (!existsSync(program)) {
		mkdirSync(BUILD, { recursive: true });
		const draft = `${program}.${process.pid}`;
		const sources = SOURCES.filter(source => source.endsWith('.c'));
		execFileSync('cc', ['-static', '-O1', '-s', '-Wall', '-Wextra', '-Werror', ...sources, '-o', draft]);
		renameSync(draft, program);
	}
	return program;
}
