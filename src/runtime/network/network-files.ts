import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';
import { join } from '../../core/paths.ts';
import { flock } from '../../native/syscalls.ts';
import type { Store } from '../../store/open-store.ts';

/** What `networks/<name>.json` of the data root holds. Addresses are text. */
export interface NetworkRecord {
	readonly version: 1;
	readonly name: string;
	/** 64 hex digits. */
	readonly id: string;
	/** Milliseconds since the epoch. */
	readonly created: number;
	/** Name of its interface on the host. */
	readonly bridge: string;
	/** One of a family, IPv4 first. */
	readonly subnets: readonly NetworkSubnet[];
	/** Nothing of it reaches the world, or the other way. */
	readonly internal: boolean;
	readonly masquerade: boolean;
	readonly mtu?: number;
	readonly labels: Readonly<Record<string, string>>;
	readonly options: Readonly<Record<string, string>>;
}

export interface NetworkSubnet {
	readonly subnet: string;
	/** Of the host in it. */
	readonly gateway: string;
	/** Where addresses are taken from, if not from all of the subnet. */
	readonly range?: string;
}

const folder = ({ root }: Store): string => join(root, 'networks');
const fileOf = (store: Store, name: string): string => join(folder(store), `${name}.json`);

/**
 * Networks and addresses change one after the other: this lock is held while something of them is looked at to decide. The kernel frees
 * it however its holder ends.
 * @returns lets go of it
 */
export function lockNetworks(store: Store): () => void {
	mkdirSync(folder(store), { recursive: true, mode: 0o700 });
	const fd = openSync(join(folder(store), '.lock'), 'a', 0o600);
	flock(fd, 'exclusive');
	let isHeld = true;
	return () => {
		if (isHeld) closeSync(fd);
		isHeld = false;
	};
}

export function withNetworks<T>(store: Store, work: () => T): T {
	const release = lockNetworks(store);
	try {
		return work();
	} finally {
		release();
	}
}

/** All networks of the data root, by name. */
export function listNetworks(store: Store): readonly NetworkRecord[] {
	let files: readonly string[];
	try {
		files = readdirSync(folder(store));
	} catch {
		return [];
	}
	const names = files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length));
	return names.sort().flatMap(name => readNetwork(store, name) ?? []);
}

/** Undefined where there is none. */
export function readNetwork(store: Store, name: string): NetworkRecord | undefined {
	try {
		return JSON.parse(readFileSync(fileOf(store, name), 'utf8')) as NetworkRecord;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

/** By name, id or the beginning of an id. @throws TsrunError TSRUN_NO_SUCH_NETWORK */
export function findNetwork(store: Store, text: string): NetworkRecord {
	const networks = listNetworks(store);
	const named = networks.find(({ name, id }) => name === text || id === text);
	const begun = /^[0-9a-f]+$/.test(text) ? networks.filter(({ id }) => id.startsWith(text)) : [];
	if (named !== undefined) return named;
	if (begun[0] !== undefined && begun.length === 1) return begun[0];
	throw noSuchNetwork(text);
}

export const noSuchNetwork = (name: string): TsrunError =>
	new TsrunError('TSRUN_NO_SUCH_NETWORK', `network ${name} not found`, {
		hint: `tsrun network ls lists all; tsrun network create ${name} makes it`,
	});

/** Complete or not at all. */
export function writeNetwork(store: Store, record: NetworkRecord): void {
	const path = fileOf(store, record.name);
	writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
	renameSync(`${path}.new`, path);
}

export function forgetNetwork(store: Store, name: string): void {
	rmSync(fileOf(store, name), { force: true });
}
