import type { CgroupPlan } from './cgroup/compile-cgroup.ts';
import type { HostFacts } from './host-facts.ts';
import type { Step } from './step.ts';

/** How init is made and comes into its cgroups. */
export interface Attachment {
	readonly clone: Step;
	/** Host side, after the clone. */
	readonly setup: readonly Step[];
	/** Init, before its cgroup namespace is made. */
	readonly init: readonly Step[];
}

export interface AttachmentInput {
	readonly flags: number;
	readonly cgroup: Pick<CgroupPlan, 'paths' | 'attach'>;
	readonly facts: HostFacts;
}

/**
 * A write of a pid to cgroup.procs makes the kernel wait until no thread of the machine forks (some 10 ms). Two ways need no
 * such wait: to be born into a cgroup of version 2 (clone3(2), CLONE_INTO_CGROUP), and a thread that moves itself, by writing 0
 * to `tasks` of version 1. Without clone3 the supervisor writes init's pid.
 */
export function compileAttachment({ flags, cgroup, facts }: AttachmentInput): Attachment {
	const notes = {
		phase: 'namespaces',
		why: 'init is born into its new namespaces',
		from: '/linux/namespaces',
	} as const;
	if (!facts.syscalls.clone3) return { clone: { op: 'clone', flags, ...notes }, setup: cgroup.attach, init: [] };
	const { unified, ...controllers } = cgroup.paths;
	const directories = [...new Set(Object.values(controllers))];
	return {
		clone: {
			op: 'clone3',
			flags,
			cgroup: unified ?? '',
			...notes,
			...(unified === undefined ? {} : { why: 'init is born into its new namespaces and its cgroup' }),
		},
		setup: [],
		init: directories.map(directory => ({
			op: 'write',
			path: `${directory}/tasks`,
			data: '0',
			phase: 'cgroup',
			why: 'init enters its cgroup',
			from: '/linux/cgroupsPath',
		})),
	};
}
