import { badFlag } from './bad-flag.ts';

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface EnvInput {
	readonly hostname: string;
	readonly tty: boolean;
	readonly home: string;
	readonly image: readonly string[];
	/** From -e and --env-file; a bare name takes the variable away. */
	readonly options: readonly string[];
}

/**
 * The environment in docker's order: PATH, HOSTNAME, TERM for a terminal, the flags', the image's that no flag names, and HOME of the
 * user unless either has it. A later entry of a name takes the place of an earlier one.
 */
export function containerEnv({ hostname, tty, home, image, options }: EnvInput): readonly string[] {
	const named = new Set(options.map(nameOf));
	const env = new Map([['PATH', DEFAULT_PATH]]);
	env.set('HOSTNAME', hostname);
	if (tty) env.set('TERM', 'xterm');
	for (const entry of [...options, ...image.filter(each => !named.has(nameOf(each)))]) {
		if (nameOf(entry) === '') throw badFlag('--env', entry, { problem: 'has no name' });
		if (entry.includes('=')) env.set(nameOf(entry), entry.slice(nameOf(entry).length + 1));
		else env.delete(entry);
	}
	if (!env.has('HOME')) env.set('HOME', home);
	return [...env].map(([name, value]) => `${name}=${value}`);
}

function nameOf(entry: string): string {
	const equals = entry.indexOf('=');
	return equals === -1 ? entry : entry.slice(0, equals);
}
