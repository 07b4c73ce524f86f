/** The report of `witness.c`: what a process in the container sees. */
export interface WitnessReport {
	readonly fds: readonly { readonly fd: number; readonly target: string | null; readonly flags: number }[];
	readonly pid: number;
	readonly ppid: number;
	readonly pgid: number;
	readonly sid: number;
	/** Real, effective, saved. */
	readonly uids: readonly [number, number, number];
	readonly gids: readonly [number, number, number];
	readonly groups: readonly number[];
	/** 16 hex digits each, as in /proc/<pid>/status. */
	readonly capabilities: Readonly<Record<'effective' | 'permitted' | 'inheritable' | 'bounding' | 'ambient', string>>;
	readonly noNewPrivs: 0 | 1;
	readonly parentDeathSignal: number;
	readonly dumpable: number;
	/** 0 none, 1 strict, 2 filter, -1 where there is no /proc. */
	readonly seccomp: number;
	readonly seccompFilters: number;
	readonly umask: number;
	readonly oomScoreAdj: number;
	readonly hostname: string;
	readonly domainname: string;
	readonly cwd: string | null;
	readonly env: readonly string[];
	readonly argv: readonly string[];
	/** Targets of /proc/self/ns/*, such as `mnt:[4026531832]`. */
	readonly namespaces: Readonly<Record<NamespaceName, string | null>>;
	/** Lines of /proc/self/mountinfo, /proc/self/cgroup and the id maps. */
	readonly mounts: readonly string[];
	readonly cgroup: readonly string[];
	readonly uidMap: readonly string[];
	readonly gidMap: readonly string[];
	/** Soft and hard limit by name (`nofile`); -1 is unlimited. */
	readonly rlimits: Readonly<Record<string, readonly [number, number]>>;
	/** /dev, two levels deep, in order of names. */
	readonly dev: readonly WitnessFile[];
	readonly tty: string | null;
	readonly root: WitnessFile | null;
}

export type NamespaceName = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts';

export interface WitnessFile {
	readonly path: string;
	readonly type: 'd' | 'l' | 'c' | 'b' | 'p' | 's' | '-';
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly major: number;
	readonly minor: number;
	readonly target: string | null;
}

/** The document of one action: `errno` is 0 when the call succeeded, the other fields depend on the action. */
export interface WitnessAction {
	readonly action: string;
	readonly errno: number;
	readonly [field: string]: number | string | null;
}

export interface WitnessOutput {
	/** Of the first `report`; reading it fails the test where there is none. */
	readonly report: WitnessReport;
	readonly actions: readonly WitnessAction[];
}

/**
 * Reads what a witness wrote to stdout: one JSON document on each line. Other lines are passed over.
 * @throws where `report` is read and the witness printed none: the message holds what was printed instead.
 */
export function parseWitness(stdout: string): WitnessOutput {
	const documents = stdout
		.split('\n')
		.filter(line => line.startsWith('{'))
		.map(line => JSON.parse(line) as WitnessReport | WitnessAction);
	return {
		get report(): WitnessReport {
			const report = documents.find((document): document is WitnessReport => 'namespaces' in document);
			if (report === undefined) throw new Error(`no report of the witness in ${JSON.stringify(stdout.slice(0, 2000))}`);
			return report;
		},
		actions: documents.filter((document): document is WitnessAction => 'action' in document),
	};
}
