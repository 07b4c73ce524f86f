import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { macText } from '../core/mac-address.ts';
import type { Bridge, NewDirectory, Surroundings } from '../explain/shell/surroundings.ts';
import { overlayPlace } from '../spec/spec-mounts.ts';
import { containerFileTexts, overlaysPath } from './container-files.ts';
import { bridgeMac } from './network/ensure-bridge.ts';
import { readNetwork } from './network/network-files.ts';
import type { PreparedContainer, RunRequest } from './prepare-container.ts';

/** What `run` makes for a container beside its plan, as data: a script makes it in its stead. */
export function surroundingsOf(prepared: PreparedContainer, request: RunRequest, title: string): Surroundings {
	const { directory, image, volumes } = prepared;
	const anonymous = volumes.filter(({ isAnonymous, isBound }) => isAnonymous && !isBound);
	return {
		title,
		required: [
			...image.layerDirs.map(path => ({
				path,
				hint: `extract the layers of ${image.name} first: tsrun load or run it as root`,
			})),
			...volumes
				.filter(volume => !anonymous.includes(volume))
				.map(({ path, name, within }) => ({ path: within?.base ?? path, hint: `tsrun volume create ${name}` })),
		],
		directories: [
			...overlayDirectories(directory, image),
			...sourceDirectories(request),
			...writtenOverSources(directory, request),
			...(anonymous.length === 0 ? [] : [{ path: request.store.volumes, mode: 0o700, keep: true }]),
			...anonymous.flatMap(({ path }) => [
				{ path: dirname(path), mode: 0o700 },
				{ path, mode: 0o755 },
			]),
		],
		files: containerFileTexts({ ...prepared, options: request.options, networkHosts: prepared.network?.hosts }),
		bridges: bridgesOf(prepared, request),
		hasAnonymousVolumes: anonymous.length > 0,
	};
}

/** The root of an overlay has the mode and owner of its uppermost directory. */
function overlayDirectories(directory: string, { root }: PreparedContainer['image']): readonly NewDirectory[] {
	return [
		{ path: directory, mode: 0o700 },
		{ path: `${directory}/work`, mode: 0o755 },
		{ path: `${directory}/merged`, mode: 0o755 },
		upperDirectory(directory, root),
	];
}

function upperDirectory(directory: string, root: PreparedContainer['image']['root']): NewDirectory {
	const { mode = 0o755, uid = 0, gid = 0, mtimeSec = 0, mtimeNsec = 0 } = root ?? {};
	return {
		path: `${directory}/upper`,
		mode,
		uid,
		gid,
		changed: `${mtimeSec}.${String(mtimeNsec).padStart(9, '0')}`,
	};
}

function sourceDirectories({ options }: RunRequest): readonly NewDirectory[] {
	return options.mounts.flatMap(mount =>
		mount.kind === 'bind' && mount.createSource ? [{ path: mount.source, mode: 0o755, keep: true }] : [],
	);
}

/** For each overlay above a directory of the host: what is written, with the owner and mode of that directory. */
function writtenOverSources(directory: string, { options: { mounts } }: RunRequest): readonly NewDirectory[] {
	const places = mounts.flatMap(mount => {
		if (mount.kind !== 'overlay') return [];
		const { upper, work } = overlayPlace(overlaysPath(directory), mounts, mount.destination);
		const { mode, uid, gid } = statSync(mount.source);
		return [
			{ path: dirname(upper), mode: 0o700 },
			{ path: upper, mode: mode & 0o7777, uid, gid },
			{ path: work, mode: 0o700 },
		];
	});
	return places.length === 0 ? [] : [{ path: overlaysPath(directory), mode: 0o700 }, ...places];
}

/** The default network before anything is on it. */
const NOT_MADE = { id: '00000000' };

function bridgesOf({ container }: PreparedContainer, { store }: RunRequest): readonly Bridge[] {
	return (container.network?.endpoints ?? []).map(({ network, bridge, host }) => {
		const record = readNetwork(store, network);
		const { mtu, subnets = [] } = record ?? {};
		return {
			name: bridge.name,
			hostIndex: host.index,
			mac: macText(bridgeMac(record ?? NOT_MADE)),
			mtu,
			addresses: subnets.map(({ subnet, gateway }) => `${gateway}/${subnet.slice(subnet.indexOf('/') + 1)}`),
		};
	});
}
