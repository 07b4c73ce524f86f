import { TsrunError } from '../../core/errors.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import type { CgroupFacts, HostFacts } from '../host-facts.ts';
import type { Step } from '../step.ts';
import { below, parseCgroupsPath } from './cgroup-path.ts';
import { controllerWrites, type PlacedWrite } from './controller-writes.ts';
import { deviceSteps } from './device-steps.ts';
import { directorySteps } from './directory-steps.ts';
import { killSteps, noticeSteps, removeSteps } from './end-steps.ts';
import { pointerWithFlag } from './flag-of-pointer.ts';
import { ownershipSteps } from './ownership-steps.ts';
import { besideSystemd, leavePlaceSteps, roomForTwo } from './scope-steps.ts';

export interface CompileCgroupRequest {
	readonly spec: RuntimeSpec;
	readonly facts: HostFacts;
	/** As in `linux.cgroupsPath`: below the mount of each hierarchy. */
	readonly cgroupsPath: string;
	/**
	 * A bundle's cgroup may be there already, if it is empty; and it has every controller that there is, as under runc: whoever
	 * made the bundle reads them. Otherwise the cgroup must be new, and has what its limits need.
	 */
	readonly ofBundle: boolean;
	/** systemd has made it, as a scope in which a process holds the place of init. */
	readonly inScope?: boolean;
}

/** The steps for a container's cgroup, in the parts that the whole plan puts in their places. */
export interface CgroupPlan {
	/** Before the clone: directories, limits, device rules. */
	readonly create: readonly Step[];
	/** After the clone, and before a cgroup namespace is made: init enters. */
	readonly attach: readonly Step[];
	/** Host side, when init is in its cgroup. */
	readonly settle: readonly Step[];
	/** In teardown, in this order. */
	readonly kill: readonly Step[];
	readonly notices: readonly Step[];
	readonly remove: readonly Step[];
	/** The container's directory on the host: `unified` for cgroup2, and one entry for each v1 controller. */
	readonly paths: { readonly unified?: string; readonly [controller: string]: string };
}

/**
 * Compiles `linux.cgroupsPath` and `linux.resources` (runtime-spec config-linux.md, "Control groups"). A v1 controller has its
 * own hierarchy and every hierarchy is joined, so that killing and removal meet each process; limits go to the hierarchy
 * that has the controller, which on a hybrid host may be either kind.
 * @throws TsrunError for what this host cannot give, before any step
 */
export function compileCgroup(request: CompileCgroupRequest): CgroupPlan {
	const { spec, facts, cgroupsPath, ofBundle, inScope = false } = request;
	const path = parseCgroupsPath(cgroupsPath);
	requireWritable(facts.cgroup);
	if (ofBundle) requireVacant(facts.cgroup);
	const writes = controllerWrites(spec, facts);
	requireEnabled(writes, facts.cgroup);
	const paths = cgroupPaths(facts.cgroup, path);
	const { before, after } = inScope ? roomForTwo(writes) : { before: writes, after: [] };
	return {
		create: [
			...directorySteps({ facts, path, writes, ofBundle, inScope }),
			...before.map(write => writeStep(write, path)),
			...deviceSteps(spec, facts, path),
			...ownershipSteps(spec, facts.cgroup, path),
		],
		attach: attachSteps(paths),
		settle: inScope ? [...leavePlaceSteps(paths), ...after.map(write => writeStep(write, path))] : [],
		kill: killSteps(facts.cgroup, paths),
		notices: noticeSteps(spec, paths),
		remove: removeSteps(inScope ? besideSystemd(paths) : paths),
		paths,
	};
}

/** The container's directory in each hierarchy; `path` as {@link parseCgroupsPath} gives it. */
export function cgroupPaths({ unified, hierarchies }: CgroupFacts, path: string): CgroupPlan['paths'] {
	const v1 = hierarchies.flatMap(({ mountpoint, controllers }) =>
		controllers.map(name => [name, below(mountpoint, path)]),
	);
	return { ...(unified === undefined ? {} : { unified: below(unified.mountpoint, path) }), ...Object.fromEntries(v1) };
}

function writeStep({ mountpoint, file, value, from, why, tolerate }: PlacedWrite, path: string): Step {
	const notes = { why, from, phase: 'cgroup', ...(tolerate === undefined ? {} : { tolerate }) } as const;
	return { op: 'write', path: `${below(mountpoint, path)}/${file}`, data: value, ...notes };
}

export function attachSteps(paths: CgroupPlan['paths']): readonly Step[] {
	return [...new Set(Object.values(paths))].map(path => ({
		op: 'attachInit',
		path,
		why: "put the container's first process into its cgroup",
		from: '/linux/cgroupsPath',
		phase: 'cgroup',
	}));
}

/** What runc refuses, in its words: the end of the container would kill who lives there; a frozen init would never start. */
function requireVacant({ found = [] }: CgroupFacts): void {
	const inhabited = found.find(({ processes }) => processes > 0);
	if (inhabited !== undefined) {
		throw new TsrunError(
			'TSRUN_CGROUP_NOT_EMPTY',
			`container's cgroup is not empty: ${inhabited.processes} process(es) found in ${inhabited.path}`,
			{ hint: 'another container has this linux.cgroupsPath, or processes of one that has ended are left' },
		);
	}
	const frozen = found.find(each => each.frozen);
	if (frozen !== undefined) {
		throw new TsrunError('TSRUN_CGROUP_FROZEN', `container's cgroup unexpectedly frozen: ${frozen.path}`, {
			hint: `remove it (rmdir ${frozen.path}), or thaw it`,
		});
	}
}

function requireWritable({ mode, unified, hierarchies }: CgroupFacts): void {
	if (mode === 'none') {
		throw new TsrunError('TSRUN_NO_CGROUP', 'no cgroup file system is mounted', {
			hint: 'mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup',
		});
	}
	const readonly = [
		...(unified?.writable === false ? [unified] : []),
		...hierarchies.filter(({ writable }) => !writable),
	][0];
	if (readonly === undefined) return;
	throw new TsrunError('TSRUN_CGROUP_READ_ONLY', `cgroup mount ${readonly.mountpoint} is read-only`, {
		hint: 'inside another container, start that one with --privileged, or with its cgroups mounted read-write',
	});
}

/** In a container's own cgroup2, which holds processes, only what is enabled already can be used. */
function requireEnabled(writes: readonly PlacedWrite[], { unified }: CgroupFacts): void {
	const enabled = unified?.enabled;
	if (unified === undefined || enabled === undefined) return;
	const blocked = writes.find(
		({ version, controller }) => version === 2 && controller !== undefined && !enabled.includes(controller),
	);
	if (blocked === undefined) return;
	throw new TsrunError(
		'TSRUN_CGROUP_BUSY',
		`${pointerWithFlag(blocked.from)} needs the cgroup controller ${blocked.controller}, which cannot be enabled while processes are in ${unified.mountpoint}`,
		{
			hint: `move them first: mkdir ${unified.mountpoint}/init and write each pid of cgroup.procs to init/cgroup.procs`,
		},
	);
}
