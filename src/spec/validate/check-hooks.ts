import { isAbsolute } from 'node:path/posix';
import { HOOK_NAMES, type RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';

/** config.md, "POSIX-platform Hooks": the path must be absolute. */
export function checkHooks({ hooks }: RuntimeSpec): void {
	for (const name of HOOK_NAMES) {
		for (const [index, { path }] of (hooks?.[name] ?? []).entries()) {
			if (!isAbsolute(path)) throw badConfig(`/hooks/${name}/${index}/path`, `${shortly(path)} is not absolute`);
		}
	}
}
