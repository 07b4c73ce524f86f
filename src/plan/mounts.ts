import { TsrunError } from '../core/errors.ts';
import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HostFacts, PathKind } from './host-facts.ts';
import { AT_RECURSIVE, MS, RESOLVE_NO_SYMLINKS } from './linux-constants.ts';
import { type MountOptions, parseMountOptions } from './mount-options.ts';
import type { SourceNames } from './mount-sources.ts';
import type { Step } from './step.ts';

/** The kernel's own file systems must not be redirected by a link of the image (CVE-2023-27561, CVE-2025-54867). */
const UNLINKED_TYPES = ['proc', 'sysfs'];

const isBind = (mount: Mount, options: MountOptions): boolean =>
	mount.type === 'bind' || (options.flags & MS.BIND) !== 0;

/** One entry of `mounts` as steps: its target, the mount, and what mount(2) takes only in further calls. */
export function compileMount(
	mount: Mount,
	index: number,
	{ facts, nameOf }: { readonly facts: HostFacts; readonly nameOf: SourceNames },
): readonly Step[] {
	const options = parseMountOptions(mount.options ?? []);
	const from = `/mounts/${index}`;
	const bind = isBind(mount, options);
	const source = mount.source ?? (bind ? '' : (mount.type ?? 'none'));
	const name = bind ? source : `${mount.type}`;
	const steps: Step[] = [targetStep(mount, bind ? source : undefined, { facts, from })];
	const type = bind ? '' : (mount.type ?? '');
	const flags = bind ? MS.BIND | (options.flags & MS.REC) : options.flags;
	steps.push({
		op: 'mountInRoot',
		source: bind ? nameOf(source) : source,
		target: mount.destination,
		type,
		flags,
		data: bind ? '' : options.data,
		resolve: UNLINKED_TYPES.includes(type) ? RESOLVE_NO_SYMLINKS : 0,
		phase: 'mounts',
		why: bind ? `show ${source} at ${mount.destination}` : `mount ${name} at ${mount.destination}`,
		from,
	});
	return [...steps, ...furtherSteps(mount, { options, bind, from, facts })];
}

function targetStep(
	mount: Mount,
	bindSource: string | undefined,
	{ facts, from }: { facts: HostFacts; from: string },
): Step {
	const kind = bindSource === undefined ? 'directory' : kindOf(facts, bindSource);
	if (kind === undefined || kind === 'missing') {
		throw new TsrunError(
			'TSRUN_MOUNT_SOURCE_MISSING',
			`bind source ${bindSource} does not exist (config.json ${from}/source)`,
			{
				hint: 'create it first: a bind mount never makes its source',
			},
		);
	}
	if (kind === 'directory') {
		return {
			op: 'mkdirInRoot',
			path: mount.destination,
			mode: 0o755,
			phase: 'mounts',
			why: `a directory to mount on at ${mount.destination}`,
			from: `${from}/destination`,
		};
	}
	return {
		op: 'createInRoot',
		path: mount.destination,
		mode: 0o644,
		phase: 'mounts',
		why: `a file to mount on at ${mount.destination}`,
		from: `${from}/destination`,
	};
}

const kindOf = ({ paths }: HostFacts, path: string): PathKind | undefined =>
	Object.hasOwn(paths, path) ? paths[path] : undefined;

function furtherSteps(
	mount: Mount,
	{ options, bind, from, facts }: { options: MountOptions; bind: boolean; from: string; facts: HostFacts },
): readonly Step[] {
	const target = mount.destination;
	const common = {
		op: 'mountInRoot',
		source: '',
		target,
		type: '',
		data: '',
		resolve: 0,
		phase: 'mounts',
		from,
	} as const;
	const steps: Step[] = [];
	const { set, clear } = options.attributes;
	if (bind && facts.syscalls.mountSetattr && (set !== 0 || clear !== 0)) {
		const why = 'a bind mount takes its flags only by a second call; those of the source that are not named stay';
		steps.push({ op: 'mountSetattr', target, set, clear, propagation: 0, atFlags: 0, phase: 'mounts', why, from });
	} else if (bind && options.changesFlags && !facts.syscalls.mountSetattr) {
		const flags = MS.REMOUNT | MS.BIND | (options.flags & ~MS.REC);
		steps.push({ ...common, flags, why: 'a bind mount takes its flags only by a second call' });
	}
	for (const flag of options.propagation)
		steps.push({ ...common, flags: flag, why: `set the propagation of ${target}` });
	if (options.recursive.set !== 0 || options.recursive.clear !== 0) {
		steps.push({
			op: 'mountSetattr',
			target,
			set: options.recursive.set,
			clear: options.recursive.clear,
			propagation: 0,
			atFlags: AT_RECURSIVE,
			phase: 'mounts',
			why: `the attributes of ${target} hold for every mount below it`,
			from,
		});
	}
	return steps;
}

/** The root itself read-only, after everything inside it was made. */
export function compileReadonlyRoot(spec: RuntimeSpec): readonly Step[] {
	if (spec.root?.readonly !== true) return [];
	return [
		{
			op: 'mountInRoot',
			source: '',
			target: '/',
			type: '',
			flags: MS.REMOUNT | MS.BIND | MS.RDONLY,
			data: '',
			resolve: 0,
			phase: 'mounts',
			why: 'the root file system is read-only',
			from: '/root/readonly',
		},
	];
}
