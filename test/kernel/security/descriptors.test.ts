import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/plan/step.ts';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { witnessImage } from '../support/witness-image.ts';
import { auditProcess, type ProcessAudit } from './support/audit-process.ts';
import { runPlan } from './support/run-plan.ts';
import { startTsrun } from './support/start-tsrun.ts';

const sandbox = createSandbox();
let image = '';
/** Descriptors that a careless caller leaves open, as `bash` opens them. */
const CARELESS = ['bash', '-c', 'exec 5</etc 64</proc 200</ 250</etc/passwd 255<>/dev/zero; exec "$@"', 'bash'];

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { busybox: true });
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
afterAll(() => sandbox.remove());

const ownFds = ({ fds }: ProcessAudit) => Object.keys(fds).map(Number);

describe('the supervisor, while a container runs', () => {
	it('holds its streams, its progress file and its signals, and nothing that the caller had open', async () => {
		const container = await startTsrun(sandbox, ['run', '--rm', image, 'sleep', '60'], { wrapper: CARELESS });
		// from then on it waits for the end
		const open = (): readonly string[] => Object.values(auditProcess(container.supervisor).fds);
		await expect.poll(open).toContain('anon_inode:[signalfd]');
		const audit = auditProcess(container.supervisor);
		await container.stop();
		expect(audit.program).toBe('tsrun-init');
		expect(audit.exe).toBe('/memfd:tsrun-init (deleted)');
		expect(Object.values(audit.fds).slice(3)).toEqual(
			expect.arrayContaining([`${container.stateDir}/progress`, 'anon_inode:[signalfd]']),
		);
		expect(Object.values(audit.fds).filter(target => /^\/(?!dev\/null|.*progress$)/.test(target))).toEqual([]);
		// One more is the socket to init.
		expect(ownFds(audit).length).toBeLessThanOrEqual(6);
	});

	it('has no environment, so that none can be read from it', async () => {
		const container = await startTsrun(sandbox, ['run', '--rm', image, 'sleep', '60'], { env: { SECRET: 'hush' } });
		const audit = auditProcess(container.supervisor);
		await container.stop();
		expect(audit.environ).toEqual([]);
	});

	it('listens on no abstract socket (CVE-2020-15257)', async () => {
		const before = abstractSockets();
		const container = await startTsrun(sandbox, ['run', '--rm', image, 'sleep', '60']);
		const during = abstractSockets();
		await container.stop();
		expect(during).toEqual(before);
	});
});

describe('the program of a container, seen from the host', () => {
	it('has three descriptors, the container’s root and directory, and namespaces of its own', async () => {
		const container = await startTsrun(sandbox, ['run', '--rm', '-w', '/tmp', image, 'sleep', '60'], {
			wrapper: CARELESS,
		});
		await expect.poll(() => auditProcess(container.init).exe).toBe('/witness');
		const audit = auditProcess(container.init);
		await container.stop();
		expect(ownFds(audit)).toEqual([0, 1, 2]);
		expect([audit.exe, audit.cwd]).toEqual(['/witness', '/tmp']);
		for (const name of ['mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup'])
			expect(audit.namespaces[name]).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
		expect(audit.status).toMatchObject({ CapInh: '0000000000000000', CapAmb: '0000000000000000', Seccomp: '2' });
		expect(audit.mounts.some(line => / - (ext4|xfs|btrfs|virtiofs|9p) /.test(line) && / \/ \/ /.test(line))).toBe(
			false,
		);
	});

	it('under --init the reaper holds no more, and none of the host’s memory is mapped in it', async () => {
		const container = await startTsrun(sandbox, ['run', '--rm', '--init', image, 'sleep', '60'], {
			wrapper: CARELESS,
			env: { SECRET: 'hush' },
		});
		const audit = auditProcess(container.init);
		await container.stop();
		expect(ownFds(audit)).toEqual([0, 1, 2]);
		expect(audit.environ).toEqual([]);
		expect(audit.maps.filter(line => /progress|tsrun-plan/.test(line))).toEqual([]);
		expect(audit.maps.filter(line => / rw.s /.test(line))).toEqual([]);
	});
});

describe('init, one moment before it becomes the program', () => {
	/** Stops it there: opening a FIFO waits for somebody who writes. */
	const stopBeforeExec = (plan: Plan): Plan => ({
		...plan,
		init: plan.init.toSpliced(-1, 0, {
			op: 'setns',
			path: '/fifo',
			type: 0,
			tolerate: [1, 22],
			phase: 'process',
			why: 'wait for a writer',
		}),
	});

	it.each([
		['without', false],
		['with', true],
	])('%s a reaper it holds only its streams and the socket to its supervisor', async (_, init) => {
		const fifo = join(sandbox.dir, 'fifo');
		execFileSync('sh', ['-c', `rm -f "$1"; mkfifo "$1"`, 'sh', fifo]);
		let audit: ProcessAudit | undefined;
		const result = await runPlan(sandbox, {
			image,
			args: ['exit', '9'],
			options: {
				init,
				mounts: [
					{
						kind: 'bind',
						source: fifo,
						destination: '/fifo',
						readonly: false,
						propagation: 'rprivate',
						recursive: 'enabled',
						createSource: false,
					},
				],
			},
			change: stopBeforeExec,
			meanwhile: async () => {
				const pid = await waitForInit(init);
				audit = auditProcess(pid);
				closeSync(openSync(fifo, 'w'));
			},
		});
		expect(result.exitCode).toBe(9);
		const beyond = Object.entries(audit?.fds ?? {}).filter(([fd]) => Number(fd) > 2);
		expect(beyond.map(([, target]) => target.replace(/\d+/, 'N'))).toEqual(['socket:[N]']);
		expect(audit?.cwd).toBe('/');
		expect(audit?.exe).toMatch(/memfd:tsrun-init/);
		expect(audit?.status).toMatchObject({
			CapEff: '00000000a80425fb',
			CapInh: '0000000000000000',
			CapAmb: '0000000000000000',
			Seccomp: '2',
			Groups: '0',
		});
	});
});

/** The process that is about to become the program: it waits in open(2) of a FIFO. */
async function waitForInit(underReaper: boolean): Promise<number> {
	for (let attempt = 0; attempt < 1000; attempt++) {
		for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
			try {
				const isInit = readFileSync(`/proc/${pid}/comm`, 'utf8') === 'tsrun-init\n';
				const [, inner] = /^NSpid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
				const waits = /fifo_open|wait_for_partner/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'));
				if (isInit && inner === (underReaper ? '2' : '1') && waits) return Number(pid);
			} catch {
				// ended meanwhile
			}
		}
		await sleep(10);
	}
	throw new Error('init did not come to the step before its program');
}

function abstractSockets(): readonly string[] {
	return readFileSync('/proc/net/unix', 'utf8')
		.split('\n')
		.filter(line => / @/.test(line))
		.map(line => line.slice(line.indexOf('@')))
		.sort();
}
