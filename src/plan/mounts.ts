import { TsrunError } from '../core/errors.ts';
import { KERNEL_PLACES } from '../oci/kernel-mount.ts';
import { hasMappedIds, isBind } from '../oci/mount-kind.ts';
import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HostFacts, PathKind } from './host-facts.ts';
import { AT_RECURSIVE, ERRNO, INSIDE_PROC, MOUNT_ATTR, MS, RESOLVE_NO_SYMLINKS } from './linux-constants.ts';
import { type MountOptions, parseMountOptions } from './mount-options.ts';
import { isInRootfs, type SourceNames } from './mount-sources.ts';
import type { Step } from './step.ts';

/** The kernel's own file systems must not be redirected by a link of the image (CVE-2023-27561, CVE-2025-54867). */
const UNLINKED_TYPES: readonly (string | undefined)[] = ['proc', 'sysfs'];

/** mount(2) copies one page of options, and cuts off what is longer without a word. */
const MAX_DATA = 4095;

export interface MountContext {
	readonly facts: HostFacts;
	readonly nameOf: SourceNames;
	/** Where the root file system is on the host. */
	readonly rootfs: string;
	/** In a user namespace some flags of a source cannot be taken away (mount_namespaces(7), "locked"). */
	readonly isUser: boolean;
}

/** What the steps of one mount are made from. */
interface Parts extends MountContext {
	readonly mount: Mount;
	readonly options: MountOptions;
	readonly from: string;
}

/** One entry of `mounts` as steps: its target, the mount, and what mount(2) takes only in further calls. */
export function compileMount(mount: Mount, index: number, context: MountContext): readonly Step[] {
	const parts: Parts = {
		...context,
		mount,
		options: parseMountOptions(mount.options ?? []),
		from: `/mounts/${index}`,
	};
	const link = linkOf(parts);
	if (link !== undefined) return [link];
	if (isBind(mount)) return [...bindSteps(parts), ...bindFlagSteps(parts), ...furtherSteps(parts)];
	requireFittingData(parts);
	const isTmpfs = mount.type === 'tmpfs' && (parts.options.flags & MS.REMOUNT) === 0;
	return [...(isTmpfs ? tmpfsSteps(parts) : fileSystemSteps(parts)), ...furtherSteps(parts)];
}

/** The option `copy-symlink`, as crun has it (and podman calls it no-dereference): a source that is a link is a link inside too. */
function linkOf({ mount, options, facts: { links = {} }, from }: Parts): Step | undefined {
	const { source = '', destination } = mount;
	if (!isBind(mount) || !options.extensions.includes('copy-symlink') || !Object.hasOwn(links, source)) return undefined;
	return {
		op: 'replaceLinkInRoot',
		target: links[source] ?? '',
		path: destination,
		phase: 'mounts',
		why: `${source} is a link, and is copied as one`,
		from,
	};
}

function requireFittingData({ options, from }: Parts): void {
	const size = Buffer.byteLength(options.data);
	if (size <= MAX_DATA) return;
	throw new TsrunError(
		'TSRUN_MOUNT_OPTIONS_TOO_LONG',
		`the options of the file system are ${size} bytes, and the kernel takes ${MAX_DATA} (config.json ${from}/options)`,
	);
}

/** A mount that a link of the image leads into /proc is refused, where one that says so is taken (CVE-2019-16884). */
const resolveOf = ({ type, destination }: Mount): number =>
	(UNLINKED_TYPES.includes(type) ? RESOLVE_NO_SYMLINKS : 0) +
	(destination === '/proc' || destination.startsWith('/proc/') ? INSIDE_PROC : 0);

function bindSteps(parts: Parts): readonly Step[] {
	const { mount, options, from, nameOf } = parts;
	if ((options.flags & MS.REMOUNT) !== 0) return [];
	const source = mount.source ?? '';
	const target = mount.destination;
	const isSent = hasMappedIds(mount);
	const sent: Step = { op: 'turn', phase: 'mounts', why: `the supervisor maps the ids of ${source}`, from };
	return [
		targetStep(parts, source),
		...(isSent ? [sent] : []),
		{
			op: 'mountInRoot',
			source: isSent ? '' : nameOf(source),
			target,
			type: '',
			flags: isSent ? MS.BIND : MS.BIND | (options.flags & MS.REC),
			data: '',
			resolve: resolveOf(mount),
			phase: 'mounts',
			why: `show ${source} at ${target}`,
			from,
		},
	];
}

function targetStep(parts: Parts, source: string): Step {
	const { mount, from } = parts;
	const kind = kindOf(source, parts);
	const path = mount.destination;
	const notes = { phase: 'mounts', from: `${from}/destination` } as const;
	if (kind === 'directory') return directoryStep(mount, from);
	if (kind === 'file') return { op: 'createInRoot', path, mode: 0o644, why: `a file to mount on at ${path}`, ...notes };
	throw new TsrunError(
		'TSRUN_MOUNT_SOURCE_MISSING',
		`bind source ${source} does not exist (config.json ${from}/source)`,
		{ hint: 'create it first: a bind mount never makes its source' },
	);
}

function directoryStep({ destination }: Mount, from: string): Step {
	return {
		op: 'mkdirInRoot',
		path: destination,
		mode: 0o755,
		phase: 'mounts',
		why: `a directory to mount on at ${destination}`,
		from: `${from}/destination`,
	};
}

/** Of what is not there yet: only a mount before it can make it in the root file system, and those are rarely files. */
function kindOf(source: string, { facts, rootfs }: Parts): PathKind {
	const kind = Object.hasOwn(facts.paths, source) ? (facts.paths[source] ?? 'missing') : 'missing';
	const isLater = KERNEL_PLACES.includes(source) || isInRootfs(source, rootfs);
	return kind === 'missing' && isLater ? 'directory' : kind;
}

function fileSystemSteps({ mount, options, from }: Parts): readonly Step[] {
	const type = mount.type ?? '';
	return [
		directoryStep(mount, from),
		{
			op: 'mountInRoot',
			source: mount.source ?? type,
			target: mount.destination,
			type,
			flags: isReadonlyLater(mount, options) ? options.flags & ~MS.RDONLY : options.flags,
			data: options.data,
			resolve: resolveOf(mount),
			phase: 'mounts',
			why: `mount ${type} at ${mount.destination}`,
			from,
		},
	];
}

/** It has the mode of the directory that it covers, unless an option says otherwise, as in runc. */
function tmpfsSteps({ mount, options, from }: Parts): readonly Step[] {
	return [
		{
			op: 'tmpfsInRoot',
			source: mount.source ?? 'tmpfs',
			target: mount.destination,
			flags: options.flags & ~MS.RDONLY,
			data: options.data,
			copy: options.extensions.includes('tmpcopyup') ? 1 : 0,
			phase: 'mounts',
			why: `mount tmpfs at ${mount.destination}`,
			from,
		},
	];
}

/** Places are still made in a tmpfs and devices in /dev, whatever it is: those become read-only at the end. */
function isReadonlyLater({ type, destination }: Mount, { flags }: MountOptions): boolean {
	return (flags & MS.RDONLY) !== 0 && (flags & MS.REMOUNT) === 0 && (type === 'tmpfs' || destination === '/dev');
}

/**
 * A bind mount takes flags only by a second call. As in runc, it then has the flags that are named and no others; those of the
 * source stay where none is named, and where a user namespace may not clear them: the first call fails as a whole there.
 */
function bindFlagSteps({ mount, options, from, facts, isUser }: Parts): readonly Step[] {
	if (!options.changesFlags) return [];
	const target = mount.destination;
	if (!facts.syscalls.mountSetattr) {
		const flags = MS.REMOUNT | MS.BIND | (options.flags & ~MS.REC);
		return [remountStep(target, flags, { why: 'a bind mount takes its flags only by a second call', from })];
	}
	const common = { op: 'mountSetattr', target, propagation: 0, atFlags: 0, phase: 'mounts', from } as const;
	const first = 'a bind mount takes its flags only by a second call';
	if (!isUser) return [{ ...common, ...options.attributes, why: first }];
	return [
		{ ...common, ...options.attributes, why: first, tolerate: [ERRNO.EPERM] },
		{ ...common, ...options.unlocked, why: 'flags of the source that are locked stay, where none says otherwise' },
	];
}

function remountStep(target: string, flags: number, notes: { readonly why: string; readonly from?: string }): Step {
	return { op: 'mountInRoot', source: '', target, type: '', flags, data: '', resolve: 0, phase: 'mounts', ...notes };
}

function furtherSteps({ mount, options, from }: Parts): readonly Step[] {
	const target = mount.destination;
	const { set, clear } = options.recursive;
	const spread = options.propagation.map(flag =>
		remountStep(target, flag, { why: `set the propagation of ${target}`, from }),
	);
	if (set === 0 && clear === 0) return spread;
	const why = `the attributes of ${target} hold for every mount below it`;
	const attributes = { set, clear, propagation: 0, atFlags: AT_RECURSIVE };
	return [...spread, { op: 'mountSetattr', target, ...attributes, phase: 'mounts', why, from }];
}

/** What becomes read-only when everything inside it was made, the root last. */
export function compileReadonly(spec: RuntimeSpec, facts: HostFacts): readonly Step[] {
	const mounts = (spec.mounts ?? []).flatMap((mount, index): readonly Step[] => {
		const options = parseMountOptions(mount.options ?? []);
		if (isBind(mount) || !isReadonlyLater(mount, options)) return [];
		const { destination } = mount;
		const notes = { why: `everything in ${destination} is made`, from: `/mounts/${index}` };
		return [readonlyStep(destination, { facts, flags: options.flags, notes })];
	});
	if (spec.root?.readonly !== true) return mounts;
	const notes = { why: 'the root file system is read-only', from: '/root/readonly' };
	return [...mounts, readonlyStep('/', { facts, flags: 0, notes })];
}

function readonlyStep(
	target: string,
	{ facts, flags, notes }: { facts: HostFacts; flags: number; notes: { readonly why: string; readonly from: string } },
): Step {
	if (!facts.syscalls.mountSetattr) return remountStep(target, MS.REMOUNT | MS.BIND | MS.RDONLY | flags, notes);
	const attributes = { set: MOUNT_ATTR.RDONLY, clear: 0, propagation: 0, atFlags: 0 };
	return { op: 'mountSetattr', target, ...attributes, phase: 'mounts', ...notes };
}
