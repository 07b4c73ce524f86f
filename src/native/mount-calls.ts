import type { Path } from './addon.ts';
import { call } from './call.ts';
import { checkNumber, checkOptionalText, checkText } from './check-argument.ts';
import { pathWord } from './path-word.ts';
import { perform } from './perform.ts';

export interface Mount {
	/** The device, the directory to bind, or a name that /proc/mounts will show. */
	readonly source?: Path;
	readonly target: Path;
	/** `overlay`, `proc`, `tmpfs`, …: ignored for MS_BIND, MS_MOVE, MS_REMOUNT and changes of propagation. */
	readonly type?: string;
	/** MS_*. */
	readonly flags?: number;
	/** The file system's own options: `size=64m,mode=755`. */
	readonly data?: Path;
}

/** mount(2). Symbolic links in `target` are followed. */
export function mount({ source, target, type = '', flags = 0, data }: Mount): void {
	checkOptionalText('mount', 'source', source);
	checkText('mount', 'target', target);
	checkText('mount', 'type', type);
	checkNumber('mount', 'flags', flags);
	checkOptionalText('mount', 'data', data);
	const result = call('mount', pathWord(source), pathWord(target), type, flags, pathWord(data));
	perform(result, 'mount', { source, target, type: type === '' ? undefined : type, flags, data });
}

/** umount2(2). @param flags MNT_*, UMOUNT_NOFOLLOW */
export function umount2(target: Path, flags = 0): void {
	checkText('umount2', 'target', target);
	checkNumber('umount2', 'flags', flags);
	perform(call('umount2', pathWord(target), flags), 'umount2', { target, flags });
}
