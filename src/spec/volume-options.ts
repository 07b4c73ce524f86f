import { normalPath } from '../core/paths.ts';
import { badFlag } from './bad-flag.ts';

/** What `volume create -o` and `--mount …,volume-opt=` may say, as docker's driver `local` has it. */
export type VolumeOptions = Readonly<Record<string, string>>;

const KEYS: readonly string[] = ['type', 'o', 'device'];
const BINDS: readonly string[] = ['bind', 'rbind'];

/**
 * Adds one `key=value` to the options of a volume.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function addVolumeOption(flag: string, text: string, options: VolumeOptions = {}): VolumeOptions {
	const equals = text.indexOf('=');
	const key = equals === -1 ? text : text.slice(0, equals);
	if (!KEYS.includes(key)) {
		const problem = `has the key ${JSON.stringify(key)}; the driver local has ${KEYS.join(', ')}`;
		throw badFlag(flag, text, { problem, example: `${flag} device=/srv/data` });
	}
	if (Object.hasOwn(options, key)) throw badFlag(flag, text, { problem: `gives ${key} twice` });
	return { ...options, [key]: equals === -1 ? '' : text.slice(equals + 1) };
}

/**
 * The options of a volume that shows a directory of the host, for a mount of config.json; undefined where it has a directory of its
 * own. Every other kind of volume is refused: a file system that is mounted outlives no container here.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function boundVolume(
	flag: string,
	{ type = 'none', o = '', device = '' }: VolumeOptions,
): { readonly device: string; readonly options: readonly string[] } | undefined {
	const words = o.split(',').filter(word => word !== '');
	if (device === '' && words.length === 0 && (type === 'none' || type === '')) return undefined;
	if (!words.some(word => BINDS.includes(word))) {
		throw badFlag(flag, `type=${type}`, {
			problem:
				'is no volume that tsrun makes: there are those of its own, and binds (type=none, o=bind, device=<path>)',
			hint:
				type === 'tmpfs'
					? 'a tmpfs ends with its container: run --tmpfs'
					: 'mount the file system on the host, and bind its directory',
		});
	}
	if (!device.startsWith('/')) {
		throw badFlag(flag, `device=${device}`, { problem: 'is no absolute path of a directory to bind' });
	}
	const unknown = words.find(word => !BINDS.includes(word) && word !== 'ro' && word !== 'rw');
	if (unknown !== undefined) {
		throw badFlag(flag, `o=${o}`, {
			problem: `has ${JSON.stringify(unknown)}; of a bind there are bind, rbind, ro, rw`,
		});
	}
	return { device: normalPath(device), options: words.includes('ro') ? ['ro'] : [] };
}
