import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContainerStats } from '../../src/host/read-container-stats.ts';
import { statsEvent } from '../../src/stats/stats-event.ts';
import { compileWitness } from '../kernel/support/compile-witness.ts';
import { createSandbox } from '../kernel/support/run-tsrun.ts';

/** One container of runc: its own `events --stats`, and what is read here of the same cgroups. */
const sandbox = createSandbox();
const id = `tsrun-events-${process.pid}`;
const runc = (...words: readonly string[]) =>
	execa('runc', ['--root', join(sandbox.dir, 'runc'), ...words], { stdin: 'ignore' });

beforeAll(async () => {
	const bundle = join(sandbox.dir, 'bundle');
	mkdirSync(join(bundle, 'rootfs'), { recursive: true });
	cpSync(await compileWitness(), join(bundle, 'rootfs/witness'));
	await runc('spec', '--bundle', bundle);
	const path = join(bundle, 'config.json');
	const spec = JSON.parse(readFileSync(path, 'utf8'));
	spec.process.terminal = false;
	spec.process.args = ['/witness', 'sleep', '1000'];
	spec.linux.cgroupsPath = `/${id}`;
	spec.linux.resources = { ...spec.linux.resources, memory: { limit: 33_554_432 }, pids: { limit: 20 } };
	writeFileSync(path, JSON.stringify(spec));
	await execa('runc', ['--root', join(sandbox.dir, 'runc'), 'run', '--detach', '--bundle', bundle, id], {
		stdio: 'ignore',
	});
});
afterAll(async () => {
	await runc('delete', '--force', id);
	sandbox.remove();
});

interface Line {
	readonly data: Readonly<Record<string, unknown>>;
}

/** The names of all fields, in their order. What has not been counted yet is left out by both. */
function fieldsOf(value: unknown, path = ''): readonly string[] {
	if (Array.isArray(value)) return [path];
	if (typeof value !== 'object' || value === null) return [path];
	return Object.entries(value).flatMap(([key, each]) => fieldsOf(each, `${path}/${key}`));
}

describe('events --stats of runc', () => {
	it('has the fields, their order and the limits that statsEvent writes', async () => {
		const state = JSON.parse((await runc('state', id)).stdout) as { readonly pid: number };
		const mine = statsEvent(id, readContainerStats(cgroupsOf(state.pid)));
		const { stdout } = await runc('events', '--stats', id);
		expect(mine.slice(0, 60)).toBe(stdout.slice(0, 60));
		const [ours, theirs] = [mine, stdout].map(text => JSON.parse(text) as Line);
		expect(fieldsOf(ours)).toEqual(fieldsOf(theirs));
		for (const part of ['cpuset', 'pids', 'hugetlb', 'intel_rdt', 'network_interfaces']) {
			expect({ part, value: ours?.data[part] }).toEqual({ part, value: theirs?.data[part] });
		}
		const digits = (text: string): readonly string[] =>
			[...text.matchAll(/"limit":(\d+)/g)].map(([, digit = '']) => digit);
		expect(digits(mine)).toEqual(digits(stdout));
	});
});

/** On a hybrid host runc counts nothing of cgroup2. */
function cgroupsOf(pid: number): Readonly<Record<string, string>> {
	const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
	const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
	const placed = lines.flatMap(line => {
		const [, names = '', path = ''] = line.split(':');
		const controllers = names === '' ? ['unified'] : names.split(',');
		const pattern = names === '' ? / - cgroup2 / : new RegExp(` - cgroup \\S+ \\S*\\b${controllers[0]}\\b`);
		const mountpoint = mounts.find(each => pattern.test(each))?.split(' ')[4];
		return mountpoint === undefined ? [] : controllers.map(name => [name, join(mountpoint, path)] as const);
	});
	const hasV1 = placed.some(([name]) => name !== 'unified');
	return Object.fromEntries(placed.filter(([name]) => !hasV1 || name !== 'unified'));
}
