/**
 * What CRIU is asked for over its RPC (`criu swrk`, criu.org/RPC), in the names of its `criu_opts`. Descriptors are numbers of the
 * caller for directories, which CRIU opens by /proc, and of CRIU itself in `inheritFd`.
 */
export interface CriuOptions {
	readonly imagesDirFd: number;
	readonly workDirFd: number;
	readonly logFile: string;
	readonly logLevel: number;
	/** The tree of this process is dumped. */
	readonly pid?: number;
	readonly leaveRunning?: boolean;
	readonly extUnixSk?: boolean;
	readonly tcpEstablished?: boolean;
	readonly evasiveDevices?: boolean;
	readonly shellJob?: boolean;
	readonly fileLocks?: boolean;
	/** A server for pages of memory. */
	readonly ps?: { readonly address: string; readonly port: number };
	/** It tells what it does, and waits for an answer each time. */
	readonly notifyScripts?: boolean;
	readonly root?: string;
	readonly parentImg?: string;
	readonly trackMem?: boolean;
	readonly autoDedup?: boolean;
	readonly linkRemap?: boolean;
	readonly manageCgroups?: boolean;
	readonly cgRoot?: readonly { readonly ctrl?: string; readonly path: string }[];
	/** The restored process becomes a child of the caller. */
	readonly rstSibling?: boolean;
	readonly inheritFd?: readonly { readonly key: string; readonly fd: number }[];
	readonly manageCgroupsMode?: number;
	readonly external?: readonly string[];
	/** CLONE_NEW* of namespaces whose content is left out. */
	readonly emptyNs?: number;
	readonly joinNs?: readonly { readonly ns: string; readonly nsFile: string }[];
	readonly tcpSkipInFlight?: boolean;
	readonly lazyPages?: boolean;
	readonly statusFd?: number;
	/** The other end of a terminal comes with the notification `orphan-pts-master`. */
	readonly orphanPtsMaster?: boolean;
	readonly configFile?: string;
	readonly tcpClose?: boolean;
	readonly lsmProfile?: string;
	readonly lsmMountContext?: string;
}

export type CriuRequest =
	| { readonly type: 'dump' | 'pre-dump' | 'restore'; readonly opts: CriuOptions }
	/** The answer to a notification. */
	| { readonly type: 'notify'; readonly notifySuccess: boolean };

export interface CriuResponse {
	readonly type: number;
	readonly success: boolean;
	/** Of the restored process, as the caller sees it. */
	readonly restored?: number;
	readonly notify?: { readonly script: string; readonly pid: number };
	readonly errno: number;
	readonly message?: string;
}
