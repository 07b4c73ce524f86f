import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { RESOURCES_SHAPE } from './resources-shape.ts';
import { SECCOMP_SHAPE } from './seccomp-shape.ts';
import {
	flag,
	integer,
	list,
	mapOf,
	object,
	oneOf,
	optional,
	required,
	type Shape,
	text,
	word,
	zero,
} from './shape.ts';

/** (uid_t) -1 and (gid_t) -1 mean "unchanged" in system calls and are no ids (credentials(7)). */
const id = integer(0, 2 ** 32 - 2);
const uint64 = integer(0, 2 ** 64);
const int32 = integer(-(2 ** 31), 2 ** 31 - 1);
const int64 = integer(-(2 ** 63), 2 ** 63);
const names = optional(list(text));

const PROCESS = object({
	terminal: optional(flag),
	consoleSize: optional(object({ height: required(integer(0, 65_535)), width: required(integer(0, 65_535)) })),
	cwd: required(text),
	env: names,
	args: names,
	user: zero(
		object({
			uid: zero(id, 0),
			gid: zero(id, 0),
			umask: optional(integer(0, 0o777)),
			additionalGids: optional(list(id)),
		}),
		{ uid: 0, gid: 0 },
	),
	capabilities: optional(
		object({ bounding: names, effective: names, inheritable: names, permitted: names, ambient: names }),
	),
	// -1 is what some tools write for "no limit"
	rlimits: optional(
		list(object({ type: required(text), soft: required(integer(-1, 2 ** 64)), hard: required(integer(-1, 2 ** 64)) })),
	),
	noNewPrivileges: optional(flag),
	oomScoreAdj: optional(integer(-1000, 1000)),
	apparmorProfile: word,
	selinuxLabel: word,
	scheduler: optional(
		object({
			policy: required(text),
			nice: optional(int32),
			priority: optional(int32),
			flags: names,
			runtime: optional(uint64),
			deadline: optional(uint64),
			period: optional(uint64),
		}),
	),
	ioPriority: optional(object({ class: required(text), priority: optional(int32) })),
	execCPUAffinity: optional(object({ initial: optional(text), final: optional(text) })),
});

const MAPPINGS = optional(
	list(
		object({
			containerID: required(id),
			hostID: required(id),
			size: required(integer(1, 2 ** 32 - 1)),
		}),
		// user_namespaces(7): lines of uid_map
		340,
	),
);

const LINUX = object({
	namespaces: optional(
		list(
			object({
				type: required(oneOf(['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'])),
				path: word,
			}),
		),
	),
	uidMappings: MAPPINGS,
	gidMappings: MAPPINGS,
	timeOffsets: optional(mapOf(object({ secs: optional(int64), nanosecs: optional(integer(0, 999_999_999)) }))),
	devices: optional(
		list(
			object({
				type: required(oneOf(['c', 'b', 'u', 'p'])),
				path: required(text),
				major: optional(int64),
				minor: optional(int64),
				fileMode: optional(uint64),
				uid: optional(id),
				gid: optional(id),
			}),
		),
	),
	cgroupsPath: optional(text),
	resources: optional(RESOURCES_SHAPE),
	sysctl: optional(mapOf(text)),
	seccomp: optional(SECCOMP_SHAPE),
	rootfsPropagation: optional(text),
	maskedPaths: names,
	readonlyPaths: names,
	mountLabel: word,
	personality: optional(object({ domain: required(text), flags: names })),
	memoryPolicy: optional(object({ mode: optional(text), nodes: optional(text), flags: names })),
	intelRdt: optional(
		object({
			closID: word,
			l3CacheSchema: word,
			memBwSchema: word,
			schemata: names,
			enableMonitoring: optional(flag),
		}),
	),
	netDevices: optional(mapOf(object({ name: word }))),
});

const HOOKS = optional(
	list(object({ path: required(text), args: names, env: names, timeout: optional(integer(1, 2 ** 31 / 1000)) })),
);

/** The types of config.json (runtime-spec config.md and config-linux.md), the part that tsrun compiles. */
export const SPEC_SHAPE: Shape<RuntimeSpec> = object({
	ociVersion: required(text),
	process: optional(PROCESS),
	root: optional(object({ path: required(text), readonly: optional(flag) })),
	hostname: word,
	domainname: word,
	mounts: optional(
		list(
			object({
				destination: required(text),
				type: optional(text),
				source: optional(text),
				options: names,
				uidMappings: MAPPINGS,
				gidMappings: MAPPINGS,
			}),
		),
	),
	annotations: optional(mapOf(text)),
	hooks: optional(
		object({
			prestart: HOOKS,
			createRuntime: HOOKS,
			createContainer: HOOKS,
			startContainer: HOOKS,
			poststart: HOOKS,
			poststop: HOOKS,
		}),
	),
	linux: optional(LINUX),
});
