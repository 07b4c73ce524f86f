import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeSpec } from '../../src/oci/runtime-spec.ts';
import { createSandbox, runTsrun } from '../kernel/support/run-tsrun.ts';
import { parseWitness, type WitnessReport } from '../kernel/support/witness.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';

/**
 * The same config.json carried out by tsrun and by runc, seen by the same witness from inside. What differs between two
 * containers of any runtime is left out; what differs between the two runtimes is in the list, with its reason.
 */
const sandbox = createSandbox();
let image = '';

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { config: { Env: ['A=1'], WorkingDir: '/tmp' } });
});
afterAll(() => sandbox.remove());

/** Runs tsrun once, then runc with the configuration that tsrun wrote, on a copy of the same layer. */
async function both(
	flags: readonly string[],
): Promise<{ readonly ours: WitnessReport; readonly runcs: WitnessReport }> {
	const name = `peer-${flags.length}`;
	const ours = await runTsrun(sandbox, ['run', '--name', name, ...flags, image, 'report']);
	expect(ours.stderr).toBe('');
	const [id = ''] = readdirSync(join(sandbox.root, 'containers'));
	const directory = join(sandbox.root, 'containers', id);
	const spec = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as RuntimeSpec;
	const bundle = join(sandbox.dir, `bundle-${name}`);
	mkdirSync(bundle);
	const [layer = ''] = readdirSync(join(sandbox.root, 'layers')).filter(entry => !entry.includes('.'));
	execFileSync('cp', ['-a', join(sandbox.root, 'layers', layer), join(bundle, 'rootfs')]);
	writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ...spec, root: { ...spec.root, path: 'rootfs' } }));
	const runc = await execa('runc', ['--root', join(sandbox.dir, 'runc'), 'run', '--bundle', bundle, `tsrun-${name}`], {
		stdin: 'ignore',
	});
	expect((await runTsrun(sandbox, ['rm', name])).exitCode).toBe(0);
	return { ours: ours.witness.report, runcs: parseWitness(runc.stdout).report };
}

/** Paths that look different under runc, and why. The list may only shrink. */
const EXPLAINED: readonly (readonly [path: RegExp, reason: string])[] = [
	[/^\/dev\/core$/, 'runc makes this link only where the host has /proc/kcore'],
	[
		/^\/proc\/(interrupts|keys|latency_stats|timer_list|timer_stats|sched_debug|kcore)$/,
		'a masked file is covered by the host’s null device, which was checked; runc takes the container’s',
	],
	[
		/^\/(proc\/(acpi|asound|scsi)|sys\/(firmware|devices\/virtual\/powercap))$/,
		'a masked directory is covered by a tmpfs that is also nosuid, nodev and noexec',
	],
	[/^\/sys\/devices\/system\/cpu\/cpu\d+\/thermal_throttle$/, 'the same'],
	[/^\/sys\/fs\/cgroup$/, 'the tmpfs that holds the hierarchies is read-only too'],
	[/^\/sys\/fs\/cgroup\/unified$/, 'on a hybrid host the cgroup2 hierarchy is shown as well'],
];

/** What two containers of one runtime may differ in is left out: inode numbers, the root's own file system, order. */
function comparable(report: WitnessReport) {
	const { namespaces, mounts, parentDeathSignal, fds, pid, dev, root, rlimits, ...same } = report;
	// Node raises the soft limit of open files for whoever it becomes.
	const { nofile, ...limits } = rlimits;
	return { ...same, isPid1: pid === 1, fds: fds.map(({ fd }) => fd), hardNofile: nofile?.[1], limits };
}

/** One line for each mount and each entry of /dev, by path. */
function places({ mounts, dev }: WitnessReport): readonly string[] {
	const nodes = dev.map(
		({ path, type, mode, major, minor, target }) =>
			`${path} ${type} ${mode.toString(8)} ${major}:${minor} ${target ?? ''}`,
	);
	return [...mounts.map(describeMount), ...nodes];
}

function unexplained(ours: readonly string[], theirs: readonly string[]): readonly string[] {
	const all = [...ours.filter(line => !theirs.includes(line)), ...theirs.filter(line => !ours.includes(line))];
	return all.filter(line => !EXPLAINED.some(([path]) => path.test(line.split(' ')[0] ?? '')));
}

/** Mount point, options of the mount, type; the root itself is an overlay here and a bind there. */
function describeMount(line: string): string {
	const [before = '', after = ''] = line.split(' - ');
	const words = before.split(' ');
	return words[4] === '/' ? '/' : `${words[4]} ${words[5]} ${after.split(' ')[0]}`;
}

describe('a container of tsrun is, seen from inside, what runc makes of the same configuration', () => {
	it.each([
		['by default', []],
		[
			'for a user, read-only, with limits and fewer capabilities',
			[
				'-u',
				'guest',
				'--read-only',
				'--cap-drop',
				'NET_RAW',
				'--cap-add',
				'SYS_PTRACE',
				'--ulimit',
				'nproc=50:60',
				'--tmpfs',
				'/scratch',
				'--hostname',
				'peer',
				'--pids-limit',
				'50',
				'--memory',
				'64m',
			],
		],
		[
			'without new privileges or a seccomp profile',
			['--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined', '--oom-score-adj', '100'],
		],
	])('%s', async (_, flags) => {
		const { ours, runcs } = await both(flags);
		expect(comparable(ours)).toEqual(comparable(runcs));
		expect(places(ours).length).toBeGreaterThan(30);
		expect(unexplained(places(ours), places(runcs))).toEqual([]);
	});
});
