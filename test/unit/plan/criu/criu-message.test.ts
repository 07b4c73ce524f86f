import { expect, it } from 'vitest';
import { decodeCriuResponse, encodeCriuRequest } from '../../../../src/plan/criu/criu-message.ts';
import type { CriuOptions } from '../../../../src/plan/criu/criu-request.ts';

const OPTIONS: CriuOptions = { imagesDirFd: 5, workDirFd: 6, logFile: 'd', logLevel: 4 };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** The options of a request for a dump: `criu_req` with the type 1, then field 2. */
const options = (more: Partial<CriuOptions>): string => {
	const all = hex(encodeCriuRequest({ type: 'dump', opts: { ...OPTIONS, ...more } }));
	expect(all.slice(0, 6)).toBe('080112');
	return all.slice(8);
};

// Numbers and types as protoc has them for images/rpc.proto.
it.each([
	[{ pid: 300 }, '10ac02'],
	[{ leaveRunning: true }, '1801'],
	[{ extUnixSk: true }, '2001'],
	[{ tcpEstablished: true }, '2801'],
	[{ evasiveDevices: true }, '3001'],
	[{ shellJob: true }, '3801'],
	[{ fileLocks: true }, '4001'],
	[{ ps: { address: '::1', port: 99 } }, '5a070a033a3a311063'],
	[{ notifyScripts: true }, '6001'],
	[{ root: '/r' }, '6a022f72'],
	[{ parentImg: 'p' }, '720170'],
	[{ trackMem: true }, '7801'],
	[{ autoDedup: true }, '800101'],
	[{ linkRemap: true }, '900101'],
	[{ manageCgroups: true }, 'c00101'],
	[{ cgRoot: [{ ctrl: 'cpu', path: '/a' }, { path: '/b' }] }, 'ca01090a0363707512022f61ca010412022f62'],
	[{ rstSibling: true }, 'd00101'],
	[{ inheritFd: [{ key: 'pipe:[1]', fd: 1 }] }, 'da010c0a08706970653a5b315d1001'],
	[{ manageCgroupsMode: 3 }, '900203'],
	[{ external: ['mnt[/a]:/b'] }, 'aa020a6d6e745b2f615d3a2f62'],
	[{ emptyNs: 0x40000000 }, 'b0028080808004'],
	[{ joinNs: [{ ns: 'uts', nsFile: '/n' }] }, 'ba02090a0375747312022f6e'],
	[{ tcpSkipInFlight: true }, 'f00201'],
	[{ lazyPages: true }, '800301'],
	[{ statusFd: 9 }, '880309'],
	[{ orphanPtsMaster: true }, '900301'],
	[{ configFile: '/c' }, '9a03022f63'],
	[{ tcpClose: true }, 'a00301'],
	[{ lsmProfile: 'a' }, 'aa030161'],
	[{ lsmMountContext: 'c' }, 'fa030163'],
] as const)('encodes %o', (more, encoded) => {
	expect(options({})).not.toContain(encoded);
	expect(options(more)).toContain(encoded);
});

it('encodes what each request has: directories, and the log', () => {
	expect(options({})).toBe('08054804520164880106');
});

it.each([
	['dump', '0801'],
	['restore', '0802'],
	['pre-dump', '0804'],
] as const)('asks for a %s', (type, encoded) => {
	expect(hex(encodeCriuRequest({ type, opts: OPTIONS }))).toMatch(new RegExp(`^${encoded}`));
});

it('answers a notification', () => {
	expect(hex(encodeCriuRequest({ type: 'notify', notifySuccess: true }))).toBe('08061801');
	expect(hex(encodeCriuRequest({ type: 'notify', notifySuccess: false }))).toBe('08061800');
});

it.each([
	['a restored process', '0802100122020825', { type: 2, success: true, errno: 0, restored: 37 }],
	[
		'a notification',
		'080610012a0a0a0663726975c3bc1025',
		{ type: 6, success: true, errno: 0, notify: { script: 'criuü', pid: 37 } },
	],
	[
		'a notification about no process',
		'080610012a030a0161',
		{ type: 6, success: true, errno: 0, notify: { script: 'a', pid: 0 } },
	],
	['a failure', '0801100038034a026e6f', { type: 1, success: false, errno: 3, message: 'no' }],
])('reads %s', (_, encoded, response) => {
	expect(decodeCriuResponse(Buffer.from(encoded, 'hex'))).toEqual(response);
});

it.each(['', '0801', '1001'])('refuses the answer %o, which says too little', encoded => {
	expect(() => decodeCriuResponse(Buffer.from(encoded, 'hex'))).toThrow('an answer of CRIU without type or success');
});
