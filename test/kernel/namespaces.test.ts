import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle, runBundle, runUnder } from './support/bundle.ts';
import { createSandbox } from './support/run-tsrun.ts';
import type { NamespaceName } from './support/witness.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
/** Root of a user namespace owns the files of its container, as the engines see to. */
const mapped = createBundle(sandbox, 'mapped');
let holder: ChildProcess;
let stranger: ChildProcess;

const FILES = {
	network: 'net',
	ipc: 'ipc',
	uts: 'uts',
	pid: 'pid',
	cgroup: 'cgroup',
	time: 'time',
	user: 'user',
} as const;
type Type = keyof typeof FILES;

/** A process in namespaces of its own, as the first container of a pod is. */
async function hold(...flags: readonly string[]): Promise<ChildProcess> {
	const child = spawn('unshare', [...flags, '--', 'sh', '-c', 'echo ready; exec sleep 1000'], {
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	await once(child.stdout as NodeJS.ReadableStream, 'data');
	return child;
}

beforeAll(async () => {
	own(join(mapped, 'rootfs'));
	const all = ['--net', '--ipc', '--uts', '--cgroup', '--time'];
	holder = await hold('--user', ...all, '--pid', '--fork');
	for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${holder.pid}/${map}`, '0 100000 65536');
	stranger = await hold(...all, '--pid', '--fork');
});
afterAll(() => {
	for (const child of [holder, stranger]) process.kill(childOf(child), 'SIGKILL');
	sandbox.remove();
});

function own(directory: string): void {
	chownSync(directory, 100_000, 100_000);
	for (const name of readdirSync(directory)) chownSync(join(directory, name), 100_000, 100_000);
}

/** `unshare --fork` waits outside of the pid namespace; its child is in all of them. */
function childOf(parent: ChildProcess): number {
	const children = readdirSync('/proc').filter(name => /^\d+$/.test(name));
	const child = children.find(pid => {
		try {
			return (
				readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync(`/proc/${parent.pid}/ns/pid_for_children`) &&
				pid !== String(parent.pid)
			);
		} catch {
			return false;
		}
	});
	if (child === undefined) throw new Error('no process is in the pid namespace');
	return Number(child);
}

function config(make: readonly string[], joined: readonly (readonly [Type, ChildProcess])[]): Config {
	const result = bundleConfig();
	result.linux.namespaces = [
		...make.map(type => ({ type })),
		...joined.map(([type, process]) => ({ type, path: `/proc/${childOf(process)}/ns/${FILES[type]}` })),
	];
	return result;
}

async function seenBy(bundleOfRun: string, run: Config): Promise<Readonly<Record<NamespaceName, string | null>>> {
	const { exitCode, error, stdout, witness } = await runBundle(sandbox, bundleOfRun, run);
	expect({ exitCode, error, stdout: exitCode === 0 ? '' : stdout }).toEqual({
		exitCode: 0,
		error: undefined,
		stdout: '',
	});
	return witness.report.namespaces;
}

function expectJoined(
	seen: Readonly<Record<string, string | null>>,
	joined: readonly (readonly [Type, ChildProcess])[],
): void {
	for (const [type, process] of joined) {
		expect([type, seen[FILES[type]]]).toEqual([type, readlinkSync(`/proc/${childOf(process)}/ns/${FILES[type]}`)]);
	}
}

describe('joining by path', () => {
	it.each<readonly [string, readonly string[], readonly Type[]]>([
		['a network namespace', ['mount', 'pid', 'uts', 'ipc'], ['network']],
		['a pid namespace', ['mount'], ['pid']],
		['a time namespace', ['mount', 'pid'], ['time']],
		['a cgroup namespace', ['mount', 'pid'], ['cgroup']],
		['all of them', ['mount'], ['network', 'ipc', 'uts', 'pid', 'cgroup', 'time']],
	])('%s', async (_, make, types) => {
		const joined = types.map(type => [type, stranger] as const);
		const seen = await seenBy(bundle, config(make, joined));
		expectJoined(seen, joined);
		for (const type of make) {
			const file = type === 'mount' ? 'mnt' : FILES[type as Type];
			expect(seen[file]).not.toBe(readlinkSync(`/proc/self/ns/${file}`));
		}
	});

	it.each<readonly [string, readonly string[], readonly Type[]]>([
		['a user namespace alone', ['mount', 'pid', 'network', 'ipc', 'uts', 'cgroup'], ['user']],
		['what the containers of a pod share', ['mount', 'pid', 'cgroup'], ['user', 'network', 'ipc', 'uts']],
		['a user namespace and its pid namespace', ['mount', 'network'], ['user', 'pid']],
		['all of them, a user namespace too', ['mount'], ['user', 'network', 'ipc', 'uts', 'pid', 'cgroup', 'time']],
	])('%s', async (_, make, types) => {
		const joined = types.map(type => [type, holder] as const);
		const run = config(make, joined);
		const seen = await seenBy(mapped, run);
		expectJoined(seen, joined);
		expect(seen.mnt).not.toBe(readlinkSync('/proc/self/ns/mnt'));
	});

	it('a user namespace whose network belongs to the host’s', async () => {
		const joined = [
			['user', holder],
			['network', stranger],
		] as const;
		const run = config(['mount', 'pid', 'ipc', 'uts'], joined);
		run.mounts = run.mounts.filter(({ type }: { readonly type: string }) => type !== 'sysfs');
		expectJoined(await seenBy(mapped, run), joined);
	});

	it('a network namespace beside a user namespace that is new', async () => {
		const joined = [['network', stranger]] as const;
		const run = config(['user', 'mount', 'pid', 'ipc', 'uts', 'cgroup'], joined);
		run.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
		run.linux.gidMappings = run.linux.uidMappings;
		run.mounts = run.mounts.filter(({ type }: { readonly type: string }) => type !== 'sysfs');
		const { error, witness } = await runBundle(sandbox, mapped, run);
		expect(error).toBeUndefined();
		expectJoined(witness.report.namespaces, joined);
		expect(witness.report.uidMap.map(line => line.trim().split(/\s+/))).toEqual([['0', '100000', '65536']]);
		expect(witness.report.pid).toBe(1);
	});
});

it('runc joins the same namespaces', async () => {
	const joined = [
		['network', stranger],
		['ipc', stranger],
		['uts', stranger],
		['pid', stranger],
	] as const;
	const { stderr, witness } = await runUnder('runc', sandbox, config(['mount'], joined));
	expect(stderr).toBe('');
	expectJoined(witness.report.namespaces, joined);
});

it('refuses a path to another type before it makes anything', async () => {
	const before = readdirSync(sandbox.state);
	const run = config(['mount'], []);
	run.linux.namespaces.push({ type: 'network', path: `/proc/${process.pid}/ns/ipc` });
	await expect(runBundle(sandbox, bundle, run)).rejects.toThrow(
		/\/linux\/namespaces\/1\/path: .* is a namespace of type ipc/,
	);
	expect(readdirSync(sandbox.state)).toEqual(before);
	expect((await runUnder('runc', sandbox, run)).exitCode).not.toBe(0);
});

it('names the container in the uts namespace that it joins', async () => {
	const run = config(['mount'], [['uts', stranger]]);
	run.hostname = 'joined';
	const { witness } = await runBundle(sandbox, bundle, run);
	expect(witness.report.hostname).toBe('joined');
	expect(hostname()).not.toBe('joined');
});

describe('a user namespace', () => {
	it('may have no root', async () => {
		const run = config(['user', 'mount', 'pid', 'network', 'ipc', 'uts'], []);
		run.linux.uidMappings = [{ containerID: 1000, hostID: 100_000, size: 1 }];
		run.linux.gidMappings = [{ containerID: 1000, hostID: 100_000, size: 1 }];
		run.process.user = { uid: 1000, gid: 1000 };
		const { error, witness } = await runBundle(sandbox, mapped, run);
		expect(error).toBeUndefined();
		expect(witness.report).toMatchObject({ uids: [1000, 1000, 1000], gids: [1000, 1000, 1000], groups: [] });
		expect(witness.report.uidMap.map(line => line.trim().split(/\s+/))).toEqual([['1000', '100000', '1']]);
	});

	it('keeps its own clocks', async () => {
		const run = config(['user', 'mount', 'pid', 'network', 'ipc', 'uts', 'time'], []);
		run.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
		run.linux.gidMappings = run.linux.uidMappings;
		run.linux.timeOffsets = { monotonic: { secs: 7881, nanosecs: 2_718_281 }, boottime: { secs: 1337 } };
		run.process.args = ['/witness', 'read', '/proc/self/timens_offsets'];
		const { error, witness } = await runBundle(sandbox, mapped, run);
		expect(error).toBeUndefined();
		const { text } = witness.actions[0] as { readonly text?: string };
		expect((text ?? '').trim().split(/\s+/)).toEqual(['monotonic', '7881', '2718281', 'boottime', '1337', '0']);
	});
});
