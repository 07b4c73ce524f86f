import { join, resolve } from 'node:path';

/** What decides where the store is: `flag` is `--data-root`, `env` the process's environment. */
export interface RootInputs {
	readonly flag?: string | undefined;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly uid: number;
}

/**
 * The directory of images, layers and containers: `--data-root`, else `TSRUN_ROOT`, else `/var/lib/tsrun` for root and
 * `$XDG_DATA_HOME/tsrun` (`~/.local/share/tsrun`) for others. A relative XDG_DATA_HOME is ignored, as its specification says.
 */
export function decideStoreRoot({ flag, env, uid }: RootInputs): string {
	const told = flag || env.TSRUN_ROOT;
	if (told) return resolve(told);
	if (uid === 0) return '/var/lib/tsrun';
	const xdg = env.XDG_DATA_HOME;
	if (xdg?.startsWith('/')) return join(xdg, 'tsrun');
	return join(env.HOME || '/', '.local/share/tsrun');
}
