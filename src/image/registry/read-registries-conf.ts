import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../core/system-failure.ts';
import {
	mergeRegistriesConf,
	NO_REGISTRIES_CONFIG,
	parseRegistriesConf,
	type RegistriesConfig,
} from './registries-conf.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the machine says of registries, from where podman and skopeo read it: the file that `CONTAINERS_REGISTRIES_CONF` names, alone;
 * else the user's `registries.conf` or that of /etc/containers, and the pieces in both `registries.conf.d`.
 * @throws TsrunError TSRUN_BAD_REGISTRIES_CONF
 */
export function readRegistriesConf(env: Environment): RegistriesConfig {
	const told = env.CONTAINERS_REGISTRIES_CONF;
	if (told) return readConf(told) ?? NO_REGISTRIES_CONFIG;
	const home = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : undefined);
	const folders = ['/etc/containers', ...(home === undefined ? [] : [join(home, 'containers')])];
	const main = folders
		.toReversed()
		.map(folder => readConf(join(folder, 'registries.conf')))
		.find(config => config !== undefined);
	const pieces = folders.flatMap(folder => listPieces(join(folder, 'registries.conf.d'))).map(readConf);
	return [main, ...pieces].filter(config => config !== undefined).reduce(mergeRegistriesConf, NO_REGISTRIES_CONFIG);
}

function readConf(path: string): RegistriesConfig | undefined {
	const text = ifThere(path, () => readFileSync(path, 'utf8'));
	return text === undefined ? undefined : parseRegistriesConf(text, path);
}

function listPieces(folder: string): readonly string[] {
	const names = ifThere(folder, () => readdirSync(folder)) ?? [];
	return names
		.filter(name => name.endsWith('.conf'))
		.sort()
		.map(name => join(folder, name));
}

function ifThere<T>(path: string, read: () => T): T | undefined {
	return attempt({ code: 'TSRUN_BAD_REGISTRIES_CONF', action: `read ${path}` }, () => {
		try {
			return read();
		} catch (error) {
			if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
			throw error;
		}
	});
}
