import { TsrunError } from '../../core/errors.ts';
import { isSystemdPath } from '../systemd/systemd-path.ts';

const NAME_MAX = 255;

/** The container's cgroup where nothing else is asked for. */
export function defaultCgroupsPath(id: string): string {
	return `/tsrun/${id}`;
}

/**
 * Reads `linux.cgroupsPath` (runtime-spec config-linux.md, "Cgroups Path") into `/a/b` below the mount of each hierarchy; a
 * relative path begins there too. Nothing in it climbs out: crun had to fix `..` in such names twice.
 * @throws TsrunError TSRUN_BAD_CGROUPS_PATH
 */
export function parseCgroupsPath(text: string): string {
	const parts = text.split('/').filter(part => part !== '');
	const fault = faultOf(text, parts);
	if (fault !== undefined) {
		throw new TsrunError('TSRUN_BAD_CGROUPS_PATH', `cgroups path ${JSON.stringify(text.slice(0, 160))} ${fault.what}`, {
			hint: fault.hint,
		});
	}
	return `/${parts.join('/')}`;
}

function faultOf(text: string, parts: readonly string[]): { readonly what: string; readonly hint: string } | undefined {
	const hint = 'expected a path such as /tsrun/web (--cgroup-parent, linux.cgroupsPath)';
	if (isSystemdPath(text)) {
		return { what: 'is for the systemd cgroup driver', hint: 'give --systemd-cgroup, before the command' };
	}
	if (parts.length === 0) return { what: 'names no cgroup', hint };
	if (parts.includes('.') || parts.includes('..')) return { what: 'has a part "." or ".."', hint };
	// A newline in a cgroup's name forges lines of /proc/<pid>/cgroup.
	if (hasControlCharacter(text)) return { what: 'has a control character', hint };
	const long = parts.find(part => Buffer.byteLength(part) > NAME_MAX);
	return long === undefined ? undefined : { what: `has a part of more than ${NAME_MAX} bytes`, hint };
}

/** `/a/b/c` → `/a`, `/a/b`. */
export function ancestorsOf(path: string): readonly string[] {
	const parts = path.split('/').slice(1, -1);
	return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** A path below a mount point. */
export function below(mountpoint: string, path: string): string {
	return mountpoint === '/' ? path : `${mountpoint}${path}`;
}

function hasControlCharacter(text: string): boolean {
	for (let at = 0; at < text.length; at++) {
		const unit = text.charCodeAt(at);
		if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return true;
	}
	return false;
}
