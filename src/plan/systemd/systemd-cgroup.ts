import { TsrunError } from '../../core/errors.ts';

/** Where systemd puts a container: a scope, which is a cgroup with processes that systemd did not start, below a slice. */
export interface SystemdCgroup {
	/** `kubepods-burstable.slice`. */
	readonly slice: string;
	/** `cri-containerd-<id>.scope`. */
	readonly scope: string;
	/** Of the scope, below the mount of each hierarchy: `/kubepods.slice/kubepods-burstable.slice/cri-containerd-<id>.scope`. */
	readonly path: string;
}

const DEFAULT_SLICE = 'system.slice';
const DEFAULT_PREFIX = 'runc';
/** systemd's own limit, UNIT_NAME_MAX. */
const MAX_UNIT_NAME = 255;

/**
 * Reads `linux.cgroupsPath` as runc's systemd driver does: `slice:prefix:name`, of which slice may be empty; or nothing, which is
 * `system.slice:runc:<id>`.
 * @throws TsrunError TSRUN_BAD_CGROUPS_PATH
 */
export function parseSystemdCgroup(cgroupsPath: string, id: string): SystemdCgroup {
	const parts = cgroupsPath === '' ? ['', DEFAULT_PREFIX, id] : cgroupsPath.split(':');
	const [slice, prefix, name] = parts;
	if (parts.length !== 3 || slice === undefined || prefix === undefined || name === undefined) {
		const words = `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${shown(cgroupsPath)} instead`;
		throw bad(words, 'set linux.cgroupsPath so, or leave out --systemd-cgroup');
	}
	const path = slicePath(slice || DEFAULT_SLICE);
	if (name.endsWith('.slice')) {
		throw bad(`the name ${shown(name)} of ${shown(cgroupsPath)} is a slice, which holds no processes`, 'name a scope');
	}
	const scope = `${prefix}-${name}.scope`;
	requireUnitName(scope);
	return { slice: slice || DEFAULT_SLICE, scope, path: `${path}/${scope}` };
}

/**
 * The directory of a slice: `a-b.slice` is in `a.slice`, and `-.slice` is the root (systemd.slice(5)).
 * @throws TsrunError TSRUN_BAD_CGROUPS_PATH
 */
export function slicePath(slice: string): string {
	if (slice === '-.slice') return '';
	const parts = slice.replace(/\.slice$/, '').split('-');
	if (!slice.endsWith('.slice') || parts.includes('')) {
		throw bad(
			`invalid slice name: ${shown(slice)}`,
			'expected a name such as system.slice or kubepods-burstable.slice',
		);
	}
	requireUnitName(slice);
	return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}

/** systemd.unit(5): which characters a name has. One with "/" or ".." would lead out of the slice's directory. */
function requireUnitName(name: string): void {
	if (/^[\w:.\\-]+$/.test(name) && name.length <= MAX_UNIT_NAME) return;
	throw bad(
		`${shown(name)} is no name of a systemd unit`,
		`expected at most ${MAX_UNIT_NAME} of the letters A-Z a-z 0-9 _ . : - and \\; name another in linux.cgroupsPath`,
	);
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 160));

function bad(words: string, hint: string): TsrunError {
	return new TsrunError('TSRUN_BAD_CGROUPS_PATH', words, { hint, exitCode: 1 });
}
