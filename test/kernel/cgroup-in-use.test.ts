import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readSync,
	rmdirSync,
	rmSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHostFacts } from '../../src/host/read-host-facts.ts';
import { encodePlan } from '../../src/native/encode.ts';
import { spawnMachine } from '../../src/native/machine.ts';
import { decodeProgress, emptyProgress, PROGRESS_SIZE, type Progress } from '../../src/native/progress.ts';
import { type CgroupPlan, compileCgroup } from '../../src/plan/cgroup/compile-cgroup.ts';
import { onlyOwn } from '../../src/plan/cgroup/only-own.ts';
import type { Plan } from '../../src/plan/step.ts';

const EBUSY = 16;
const PARENT = `/tsrun-test-${process.pid}`;
const cgroupsPath = `${PARENT}/web`;
const spec = { ociVersion: '1.2.0', linux: { resources: { pids: { limit: 50 } } } };
let sleeper: ChildProcess;
let cgroup: CgroupPlan;

beforeEach(async () => {
	// Before anybody moves in: the look at the host came out well.
	cgroup = compileCgroup({
		spec,
		facts: readHostFacts({ paths: [], devices: [], cgroupsPath }),
		cgroupsPath,
		ofBundle: true,
	});
	sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
	await once(sleeper, 'spawn');
});
afterEach(async () => {
	const ended = once(sleeper, 'exit');
	sleeper.kill('SIGKILL');
	await ended;
	for (const path of directories()) {
		for (const each of [`${path}/below`, path, dirname(path)]) if (existsSync(each)) rmdirSync(each);
	}
});

const directories = (): readonly string[] => [...new Set(Object.values(cgroup.paths))];

function moveIn(directory: string): void {
	mkdirSync(directory, { recursive: true });
	const parentCpuset = dirname(directory);
	for (const file of ['cpuset.cpus', 'cpuset.mems']) {
		for (const path of [dirname(parentCpuset), parentCpuset, directory]) {
			if (directory.includes('/cpuset/') && !path.endsWith('/cpuset')) writeFileSync(join(path, file), '0');
		}
	}
	writeFileSync(join(directory, 'cgroup.procs'), String(sleeper.pid));
}

/** The setup of a container's cgroup, and its teardown, by the machine. */
async function makeAndEnd(): Promise<Progress> {
	const plan: Plan = {
		version: 1,
		cloneFlags: 0,
		setup: cgroup.create,
		init: [],
		teardown: onlyOwn([...cgroup.kill, ...cgroup.remove], cgroup.create),
	};
	const path = join(tmpdir(), `tsrun-progress-${process.pid}`);
	const progressFd = openSync(path, 'wx+');
	const devNull = openSync('/dev/null', 'r+');
	try {
		writeSync(progressFd, emptyProgress());
		await spawnMachine({ plan: encodePlan(plan), progressFd }, [devNull, devNull, devNull]);
		const bytes = new Uint8Array(PROGRESS_SIZE);
		readSync(progressFd, bytes, 0, PROGRESS_SIZE, 0);
		return decodeProgress(bytes) as Progress;
	} finally {
		closeSync(progressFd);
		closeSync(devNull);
		rmSync(path);
	}
}

describe('a cgroup that is there already', () => {
	it('is taken where it is empty, and gone in the end', async () => {
		for (const directory of directories()) mkdirSync(directory, { recursive: true });
		const { failed, tornDown } = await makeAndEnd();
		expect(failed).toBeUndefined();
		expect(tornDown).toBeDefined();
		expect(directories().filter(directory => existsSync(directory))).toEqual([]);
	});

	it('is refused while another container is being made there, which goes on', async () => {
		for (const directory of directories()) {
			mkdirSync(directory, { recursive: true });
			const other = spawn('flock', [directory, 'sh', '-c', 'echo locked; exec sleep 1000'], {
				stdio: ['ignore', 'pipe', 'ignore'],
			});
			await once(other.stdout, 'data');
			const { failed } = await makeAndEnd();
			expect(failed).toMatchObject({ list: 'setup', errno: EBUSY });
			expect(directories().filter(each => existsSync(each))).toEqual([directory]);
			const ended = once(other, 'exit');
			other.kill('SIGKILL');
			await ended;
			rmdirSync(directory);
		}
	});

	it.each(['', '/below'])(
		'is refused where somebody has moved into it%s meanwhile, in any hierarchy: they live on',
		async below => {
			for (const directory of directories()) {
				moveIn(`${directory}${below}`);
				const { failed } = await makeAndEnd();
				expect(failed).toMatchObject({ list: 'setup', errno: EBUSY });
				expect(cgroup.create[failed?.step ?? -1]).toMatchObject({ op: 'requireEmptyCgroup', path: directory });
				expect(sleeper.exitCode ?? sleeper.signalCode).toBeNull();
				expect(directories().filter(each => existsSync(each))).toEqual([directory]);
				// Home again, to the cgroup that this process is in.
				writeFileSync(join(dirname(dirname(directory)), 'cgroup.procs'), String(sleeper.pid));
				for (const each of [`${directory}/below`, directory]) if (existsSync(each)) rmdirSync(each);
			}
		},
	);
});
