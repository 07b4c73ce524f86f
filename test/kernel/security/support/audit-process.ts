import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the host sees of one process. */
export interface ProcessAudit {
	readonly program: string;
	readonly exe: string;
	readonly cwd: string;
	readonly root: string;
	readonly environ: readonly string[];
	/** Target of each open descriptor, by number. */
	readonly fds: Readonly<Record<number, string>>;
	/** Fields of /proc/<pid>/status by name: `CapInh`, `NoNewPrivs`, `Seccomp`, `Groups`. */
	readonly status: Readonly<Record<string, string>>;
	/** `mnt` → `mnt:[4026531832]`. */
	readonly namespaces: Readonly<Record<string, string>>;
	readonly mounts: readonly string[];
	readonly maps: readonly string[];
}

/** Reads from the host, without stopping it, what a process holds. @throws ENOENT where it has gone */
export function auditProcess(pid: number): ProcessAudit {
	const path = (name: string): string => `/proc/${pid}/${name}`;
	const lines = (name: string): readonly string[] => readFileSync(path(name), 'utf8').split('\n').filter(Boolean);
	return {
		program: readFileSync(path('comm'), 'utf8').trim(),
		exe: readlinkSync(path('exe')),
		cwd: readlinkSync(path('cwd')),
		root: readlinkSync(path('root')),
		environ: readFileSync(path('environ'), 'utf8').split('\0').filter(Boolean),
		fds: linksOf(path('fd')),
		status: Object.fromEntries(lines('status').map(line => split(line, ':'))),
		namespaces: linksOf(path('ns')),
		mounts: lines('mountinfo'),
		maps: lines('maps'),
	};
}

/** Those that go away between listing and reading are passed over. */
function linksOf(folder: string): Readonly<Record<string, string>> {
	return Object.fromEntries(
		readdirSync(folder).flatMap(name => {
			try {
				return [[name, readlinkSync(`${folder}/${name}`)]];
			} catch {
				return [];
			}
		}),
	);
}

function split(line: string, separator: string): readonly [string, string] {
	const at = line.indexOf(separator);
	return [line.slice(0, at), line.slice(at + 1).trim()];
}
