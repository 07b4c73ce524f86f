import { expect } from 'vitest';
import type { WitnessReport } from '../../kernel/support/witness.ts';

/** Paths that look different under runc, and why. The list may only shrink. */
const EXPLAINED: readonly (readonly [path: RegExp, reason: string])[] = [
	[/^\/dev\/core$/, 'runc makes this link only where the host has /proc/kcore'],
	[
		/^\/proc\/(interrupts|keys|latency_stats|timer_list|timer_stats|sched_debug|kcore)$/,
		'a masked file is covered by the host’s null device, which was checked; runc takes the container’s',
	],
	[
		/^\/(proc\/(acpi|asound|scsi)|sys\/(firmware|dev\/block|devices\/virtual\/powercap))$/,
		'a masked directory is covered by a tmpfs that is also nosuid, nodev and noexec',
	],
	[/^\/sys\/devices\/system\/cpu\/cpu\d+\/thermal_throttle$/, 'the same'],
	[/^\/sys\/fs\/cgroup$/, 'the tmpfs that holds the hierarchies is read-only too'],
	[
		/^\/dev\/shm$/,
		'a bind with options that only clear flags gets just these, as in runc since 1.2; Debian’s 1.1.5 keeps those of the source',
	],
	[/^\/sys\/fs\/cgroup\/unified$/, 'on a hybrid host the cgroup2 hierarchy is shown as well'],
];

/** What a process sees in a container of tsrun is what it sees in one that runc made of the same configuration. */
export function expectSameView(ours: WitnessReport, runcs: WitnessReport): void {
	expect(comparable(ours)).toEqual(comparable(runcs));
	expect(places(ours).length).toBeGreaterThan(30);
	expect(unexplained(places(ours), places(runcs))).toEqual([]);
}

/** What an engine makes anew for each container: ids, and the order of variables. */
export function withoutIds(report: WitnessReport): WitnessReport {
	const sorted = { ...report, env: report.env.toSorted() };
	return JSON.parse(JSON.stringify(sorted).replaceAll(/\b([0-9a-f]{64}|[0-9a-f]{12})\b/g, 'ID')) as WitnessReport;
}

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
	const all = [
		...ours.filter(line => !theirs.includes(line)).map(line => `${line} (tsrun)`),
		...theirs.filter(line => !ours.includes(line)).map(line => `${line} (runc)`),
	];
	return all.filter(line => !EXPLAINED.some(([path]) => path.test(line.split(' ')[0] ?? '')));
}

/** Mount point, options of the mount, type; the root itself is an overlay here and a bind there. */
function describeMount(line: string): string {
	const [before = '', after = ''] = line.split(' - ');
	const words = before.split(' ');
	return words[4] === '/' ? '/' : `${words[4]} ${words[5]} ${after.split(' ')[0]}`;
}
