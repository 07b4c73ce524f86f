import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setns } from '../native/namespace-calls.ts';
import type { ProcessView, ViewedMount, ViewedProcess } from '../plan/process-view.ts';
import { parseEffectiveCapabilities } from './parse-effective-capabilities.ts';
import { parseMountinfo } from './parse-mountinfo.ts';
import { type CgroupMembership, parseProcCgroup } from './parse-proc-cgroup.ts';
import { parseIdMap } from './read-namespace-files.ts';

const OWN = '/proc/self/ns/uts';
const HOSTNAME = '/proc/sys/kernel/hostname';
/** Children to come, not the process itself. */
const OF_CHILDREN = /_for_children$/;

/** Reads what a process is and sees at this moment; undefined where it has ended. Needs root. */
export function readProcessView(pid: number): ProcessView | undefined {
	try {
		return viewOf(pid);
	} catch (error) {
		if (['ENOENT', 'ESRCH', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}

function viewOf(pid: number): ProcessView {
	const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
	const status = read('status');
	const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
	const namespaces = namespacesOf(pid);
	const hostname = hostnameOf(pid);
	return {
		pid,
		namespaces,
		...(hostname === undefined ? {} : { hostname }),
		mounts: mountsOf(read('mountinfo')),
		directory: readlinkSync(`/proc/${pid}/cwd`),
		uid: Number(field('Uid').split('\t')[1]),
		gid: Number(field('Gid').split('\t')[1]),
		uidMap: parseIdMap(read('uid_map')),
		effective: parseEffectiveCapabilities(status),
		bounding: BigInt(`0x${field('CapBnd') || '0'}`),
		noNewPrivileges: field('NoNewPrivs') === '1',
		hasSeccompFilter: field('Seccomp') === '2',
		cgroups: cgroupsOf(read('cgroup'), readFileSync('/proc/self/mountinfo', 'utf8')),
		processes: processesOf(pid, namespaces.pid),
		interfaces: interfacesOf(read('net/dev')),
		addresses: [...v4Addresses(read('net/fib_trie')), ...v6Addresses(readIfThere(`/proc/${pid}/net/if_inet6`))],
	};
}

function namespacesOf(pid: number): Readonly<Record<string, string>> {
	return Object.fromEntries(
		readdirSync(`/proc/${pid}/ns`)
			.filter(name => !OF_CHILDREN.test(name))
			.toSorted()
			.map(name => [name, /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${name}`))?.[1] ?? '']),
	);
}

/** No file of /proc tells it of another process: this thread enters its namespace for the moment. */
function hostnameOf(pid: number): string | undefined {
	const fds: number[] = [];
	try {
		const [own = -1, its = -1] = [OWN, `/proc/${pid}/ns/uts`].map(path => {
			fds.push(openSync(path, 'r'));
			return fds.at(-1);
		});
		setns(its);
		try {
			return readFileSync(HOSTNAME, 'utf8').trim();
		} finally {
			setns(own);
		}
	} catch {
		return undefined;
	} finally {
		for (const fd of fds) closeSync(fd);
	}
}

function mountsOf(text: string): readonly ViewedMount[] {
	return parseMountinfo(text)
		.map(({ mountpoint, type, source, options }) => ({ mountpoint, type, source, options }))
		.toSorted((a, b) => Number(b.mountpoint === '/') - Number(a.mountpoint === '/'));
}

/**
 * @param text /proc/<pid>/cgroup
 * @param mountinfo of this process: only hierarchies that are mounted here count
 */
export function cgroupsOf(text: string, mountinfo: string): Readonly<Record<string, string>> {
	const mounts = parseMountinfo(mountinfo).filter(({ type }) => /^cgroup2?$/.test(type));
	const isMounted = ({ hierarchy, controllers }: CgroupMembership): boolean =>
		mounts.some(({ type, superOptions }) =>
			type === 'cgroup2' ? hierarchy === 0 : hierarchy !== 0 && controllers.every(name => superOptions.includes(name)),
		);
	return Object.fromEntries(
		parseProcCgroup(text)
			.filter(isMounted)
			.map(({ hierarchy, controllers, path }) => [hierarchy === 0 ? 'unified' : controllers.join(','), path]),
	);
}

/** All that are in the namespace; where it is this process's own, the process and its children alone are listed, and who asks for itself counts. */
function processesOf(pid: number, namespace: string | undefined): ProcessView['processes'] {
	const pids = readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.map(Number);
	if (pid === process.pid) return pids.length;
	const isOfHost = namespace === namespacesOf(process.pid).pid;
	return pids.flatMap(each => processOf(each, { pid, namespace, isOfHost }) ?? []);
}

interface Wanted {
	readonly pid: number;
	readonly namespace: string | undefined;
	readonly isOfHost: boolean;
}

function processOf(each: number, { pid, namespace, isOfHost }: Wanted): ViewedProcess | undefined {
	try {
		if (!isOfHost && !readlinkSync(`/proc/${each}/ns/pid`).includes(`[${namespace}]`)) return undefined;
		const status = readFileSync(`/proc/${each}/status`, 'utf8');
		if (isOfHost && each !== pid && !new RegExp(`^PPid:\\s*${pid}$`, 'm').test(status)) return undefined;
		const name = /^Name:\s*(.*)$/m.exec(status)?.[1] ?? '';
		return { pid: each, inner: Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? each), name };
	} catch {
		return undefined;
	}
}

/** Names of /proc/<pid>/net/dev, below its two lines of headings. */
const interfacesOf = (text: string): readonly string[] =>
	text
		.split('\n')
		.slice(2)
		.flatMap(line => /^\s*(.+?):/.exec(line)?.[1] ?? []);

/** Those that the local table of routes has as its own (/proc/<pid>/net/fib_trie). */
export function v4Addresses(text: string): readonly string[] {
	const found = [...text.matchAll(/\|-- ([\d.]+)\n\s*\/32 host LOCAL/g)].map(([, address = '']) => address);
	return [...new Set(found)].filter(address => !address.startsWith('127.'));
}

/** /proc/<pid>/net/if_inet6: sixteen bytes in hexadecimal digits begin each line. */
export function v6Addresses(text: string): readonly string[] {
	return text
		.split('\n')
		.filter(line => line !== '' && !line.endsWith(' lo'))
		.map(line => new URL(`http://[${line.slice(0, 32).match(/.{4}/g)?.join(':')}]`).hostname.slice(1, -1));
}

function readIfThere(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
