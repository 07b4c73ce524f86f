import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHostFacts } from '../../src/host/read-host-facts.ts';
import { type CgroupPlan, compileCgroup } from '../../src/plan/cgroup/compile-cgroup.ts';
import type { Step } from '../../src/plan/step.ts';

const cgroupsPath = `/tsrun-test-${process.pid}/web`;
const EXISTS = 17;
let plan: CgroupPlan;
let child: ChildProcess;

/** The steps that are one file operation, done from here: what the kernel thinks of paths, values and their order. */
function perform(steps: readonly Step[]): void {
	for (const step of steps) {
		if (step.op === 'mkdir') mkdirSync(step.path, { recursive: step.tolerate?.includes(EXISTS) === true });
		if (step.op === 'write') writeFileSync(step.path, step.data as string, { flag: 'r+' });
		if (step.op === 'attachInit') writeFileSync(`${step.path}/cgroup.procs`, String(child.pid), { flag: 'r+' });
	}
}

async function removeDirectory(path: string): Promise<void> {
	for (let attempt = 0; existsSync(path); attempt++) {
		try {
			rmdirSync(path);
		} catch (error) {
			if (attempt > 200) throw error;
			await delay(10);
		}
	}
}

beforeEach(async () => {
	const facts = readHostFacts({ paths: [], devices: [], cgroupsPath });
	const resources = {
		memory: { limit: 64 * 1024 ** 2 },
		cpu: { quota: 50_000, period: 100_000, shares: 512, cpus: '0' },
		pids: { limit: 50 },
	};
	plan = compileCgroup({ spec: { ociVersion: '1.2.0', linux: { resources } }, facts, cgroupsPath, ofBundle: false });
	child = spawn('sleep', ['1000'], { stdio: 'ignore' });
	await once(child, 'spawn');
});
afterEach(async () => {
	child.kill('SIGKILL');
	for (const path of new Set(Object.values(plan.paths))) {
		await removeDirectory(path);
		await removeDirectory(path.slice(0, path.lastIndexOf('/')));
	}
});

const read = (controller: string, v1: string, v2: string): string => {
	const directory = plan.paths[controller];
	return readFileSync(directory === undefined ? `${plan.paths.unified}/${v2}` : `${directory}/${v1}`, 'utf8').trim();
};

describe('the cgroup steps on this kernel', () => {
	it('make directories that hold the limits, and take a process', () => {
		perform(plan.create);
		expect(read('memory', 'memory.limit_in_bytes', 'memory.max')).toBe('67108864');
		expect(read('pids', 'pids.max', 'pids.max')).toBe('50');
		expect(read('cpuset', 'cpuset.cpus', 'cpuset.cpus')).toBe('0');
		expect(['50000', '50000 100000']).toContain(read('cpu', 'cpu.cfs_quota_us', 'cpu.max'));
		expect(['512', '59']).toContain(read('cpu', 'cpu.shares', 'cpu.weight'));
		perform(plan.attach);
		const cgroups = readFileSync(`/proc/${child.pid}/cgroup`, 'utf8').trim().split('\n');
		expect(cgroups.filter(line => line.endsWith(cgroupsPath))).toHaveLength(new Set(Object.values(plan.paths)).size);
	});

	it('have a counter for the notice', () => {
		perform(plan.create);
		const [notice] = plan.notices;
		expect(notice?.op).toBe('noticeIfGrown');
		if (notice?.op === 'noticeIfGrown')
			expect(readFileSync(notice.path, 'utf8')).toMatch(new RegExp(`^${notice.key} 0$`, 'm'));
	});

	it('kill the process through the cgroup', async () => {
		perform(plan.create);
		perform(plan.attach);
		const ended = once(child, 'exit');
		perform(plan.kill);
		if (plan.kill.some(step => step.op === 'killCgroup')) child.kill('SIGKILL');
		expect(await ended).toEqual([null, 'SIGKILL']);
	});
});
