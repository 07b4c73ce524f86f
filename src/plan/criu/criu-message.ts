import type { CriuOptions, CriuRequest, CriuResponse } from './criu-request.ts';
import { decodeProtobuf, encodeProtobuf, type ProtobufField, type ProtobufMessage } from './protobuf.ts';

/** `criu_opts` of images/rpc.proto, which is /usr/include/criu/rpc.proto of Debian's libcriu-dev. */
const OPTIONS = {
	imagesDirFd: [1, 'int'],
	pid: [2, 'int'],
	leaveRunning: [3, 'bool'],
	extUnixSk: [4, 'bool'],
	tcpEstablished: [5, 'bool'],
	evasiveDevices: [6, 'bool'],
	shellJob: [7, 'bool'],
	fileLocks: [8, 'bool'],
	logLevel: [9, 'int'],
	logFile: [10, 'text'],
	ps: [11, { address: [1, 'text'], port: [2, 'int'] }],
	notifyScripts: [12, 'bool'],
	root: [13, 'text'],
	parentImg: [14, 'text'],
	trackMem: [15, 'bool'],
	autoDedup: [16, 'bool'],
	workDirFd: [17, 'int'],
	linkRemap: [18, 'bool'],
	manageCgroups: [24, 'bool'],
	cgRoot: [25, { ctrl: [1, 'text'], path: [2, 'text'] }],
	rstSibling: [26, 'bool'],
	inheritFd: [27, { key: [1, 'text'], fd: [2, 'int'] }],
	manageCgroupsMode: [34, 'int'],
	external: [37, 'text'],
	emptyNs: [38, 'int'],
	joinNs: [39, { ns: [1, 'text'], nsFile: [2, 'text'] }],
	tcpSkipInFlight: [46, 'bool'],
	lazyPages: [48, 'bool'],
	statusFd: [49, 'int'],
	orphanPtsMaster: [50, 'bool'],
	configFile: [51, 'text'],
	tcpClose: [52, 'bool'],
	lsmProfile: [53, 'text'],
	lsmMountContext: [63, 'text'],
} as const satisfies { readonly [K in keyof Required<CriuOptions>]: ProtobufField };

/** `criu_req_type` */
export const CRIU_TYPES = { dump: 1, restore: 2, 'pre-dump': 4, notify: 6 } as const;

const REQUEST = { type: [1, 'int'], opts: [2, OPTIONS], notifySuccess: [3, 'bool'] } as const;

const RESPONSE = {
	type: [1, 'int'],
	success: [2, 'bool'],
	restore: [4, { pid: [1, 'int'] }],
	notify: [5, { script: [1, 'text'], pid: [2, 'int'] }],
	errno: [7, 'int'],
	message: [9, 'text'],
} as const;

/** `criu_req` */
export function encodeCriuRequest(request: CriuRequest): Uint8Array {
	return encodeProtobuf(REQUEST, { ...request, type: CRIU_TYPES[request.type] });
}

/** `criu_resp`. @throws Error where it is none */
export function decodeCriuResponse(bytes: Uint8Array): CriuResponse {
	const { type, success, restore, notify, errno, message } = decodeProtobuf(RESPONSE, bytes);
	if (typeof type !== 'number' || typeof success !== 'boolean')
		throw new Error('an answer of CRIU without type or success');
	const { pid: restored } = (restore ?? {}) as ProtobufMessage;
	return {
		type,
		success,
		errno: Number(errno ?? 0),
		...(typeof restored === 'number' ? { restored } : {}),
		...(notify === undefined ? {} : { notify: notificationOf(notify as ProtobufMessage) }),
		...(typeof message === 'string' ? { message } : {}),
	};
}

const notificationOf = ({ script = '', pid = 0 }: ProtobufMessage) => ({ script: String(script), pid: Number(pid) });
