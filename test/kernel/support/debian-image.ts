import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'debian-image.sh');
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tsrun-test');

/** The directory of an OCI layout with a Debian; made once for each version of its script, which takes half a minute. */
export function debianImage(): string {
	const version = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 12);
	const dir = join(CACHE, `debian-${version}`);
	if (!existsSync(dir)) {
		mkdirSync(CACHE, { recursive: true });
		execFileSync(SCRIPT, [dir], { stdio: ['ignore', 'ignore', 'inherit'] });
	}
	return dir;
}
