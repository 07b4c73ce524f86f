import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The directory of an OCI layout with a Debian. */
export function debianImage(): string {
	const script = join(import.meta.dirname, 'debian-image.sh');
	return execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trimEnd();
}
