import type { ContainerId } from '../core/brands.ts';
import { join } from '../core/paths.ts';
import { readHostFacts } from '../host/read-host-facts.ts';
import type { HostFacts, PathKind } from '../plan/host-facts.ts';
import { badFlag } from '../spec/bad-flag.ts';
import type { RunOptions } from '../spec/run-options.ts';
import { listDevices } from './list-devices.ts';

const ALL_CAPABILITIES = (last: number): bigint => (1n << BigInt(last + 1)) - 1n;

export interface FactsInput {
	readonly options: RunOptions;
	/** As root would find it, whoever asks. */
	readonly asRoot?: boolean;
}

/** What a run depends on of the host, as it will be when the sources of its mounts are made. */
export function gatherFacts({ options, asRoot }: FactsInput, id: ContainerId): HostFacts {
	const binds = options.mounts.flatMap(mount => (mount.kind === 'bind' ? [mount] : []));
	const facts = readHostFacts({
		paths: [...binds, ...overlaysOf(options)].map(({ source }) => source),
		devices: listDevices(options),
		cgroupsPath: join(options.cgroupParent ?? '/tsrun', id),
	});
	const made = binds
		.filter(({ source, createSource }) => createSource && facts.paths[source] === 'missing')
		.map(({ source }) => source);
	const paths = { ...facts.paths, ...kinds(made, 'directory') };
	if (asRoot !== true || facts.uid === 0) return { ...facts, paths };
	return {
		...facts,
		paths,
		uid: 0,
		gid: 0,
		capabilities: ALL_CAPABILITIES(facts.lastCapability),
		syscalls: { ...facts.syscalls, fsopen: true, mountSetattr: true },
	};
}

export const kinds = (paths: readonly string[], kind: PathKind): Readonly<Record<string, PathKind>> =>
	Object.fromEntries(paths.map(path => [path, kind]));

/** Flags that ask for more than the host has. @throws TsrunError TSRUN_BAD_FLAG */
export function requireHost(options: RunOptions, facts: HostFacts): void {
	requireCpus(options, facts);
	requireOverlaySources(options, facts);
}

function requireCpus({ resources }: RunOptions, { cpus }: HostFacts): void {
	if (resources.nanoCpus === undefined) return;
	const count = cpus.split(',').reduce((sum, range) => {
		const [first = 0, last = first] = range.split('-').map(Number);
		return sum + last - first + 1;
	}, 0);
	const asked = resources.nanoCpus / 1e9;
	if (asked > count) {
		throw badFlag('--cpus', String(asked), {
			problem: `is more than the ${count} CPUs of this machine`,
			example: `--cpus ${count}`,
		});
	}
}

const overlaysOf = ({ mounts }: RunOptions) => mounts.flatMap(mount => (mount.kind === 'overlay' ? [mount] : []));

function requireOverlaySources(options: RunOptions, { paths }: HostFacts): void {
	const found = overlaysOf(options).find(({ source }) => paths[source] !== 'directory');
	if (found !== undefined)
		throw badFlag('--volume', `${found.source}:${found.destination}:O`, {
			problem: 'has a source that is no directory',
		});
}
