import { TsrunError } from '../core/errors.ts';
import type { Capabilities, CapabilitySet, Process } from '../oci/runtime-spec.ts';
import { badFlag } from './bad-flag.ts';

/** The flags of `exec` that say what the process is. */
export interface ExecFlags {
	readonly cwd?: string;
	/** `NAME=value`. */
	readonly env: readonly string[];
	readonly tty: boolean;
	/** `uid[:gid]`, in numbers. */
	readonly user?: string;
	readonly additionalGids: readonly string[];
	/** With or without `CAP_`. */
	readonly cap: readonly string[];
	readonly noNewPrivs: boolean;
	readonly apparmor?: string;
	readonly processLabel?: string;
	/** docker's: every capability. */
	readonly privileged?: boolean;
}

const LARGEST_ID = 2 ** 32 - 2;
/** Where runc adds a capability; never to the inheritable ones (CVE-2022-29162), without which it cannot be ambient. */
const RAISED: readonly CapabilitySet[] = ['bounding', 'effective', 'permitted'];

/**
 * The process of `exec`: that of the container, with another command and what the flags say.
 * @throws TsrunError TSRUN_BAD_FLAG naming the flag
 */
export function execProcess(base: Process, args: readonly string[], flags: ExecFlags): Process {
	if (args.length === 0) {
		throw new TsrunError('TSRUN_USAGE', 'exec: names no program', {
			hint: 'give a command after the id, or --process FILE',
		});
	}
	const { cwd, apparmor, processLabel } = flags;
	return {
		...base,
		args,
		terminal: flags.tty,
		env: [...(base.env ?? []), ...flags.env],
		user: userOf(base.user, flags),
		...(cwd === undefined ? {} : { cwd }),
		...(flags.cap.length === 0 ? {} : { capabilities: raise(base.capabilities ?? {}, flags.cap) }),
		...(flags.noNewPrivs ? { noNewPrivileges: true } : {}),
		...(apparmor === undefined ? {} : { apparmorProfile: apparmor }),
		...(processLabel === undefined ? {} : { selinuxLabel: processLabel }),
	};
}

function userOf(base: Process['user'], { user, additionalGids }: ExecFlags): Process['user'] {
	const gids = additionalGids.map(text => readId('--additional-gids', text));
	const groups = gids.length === 0 ? {} : { additionalGids: [...(base.additionalGids ?? []), ...gids] };
	if (user === undefined) return { ...base, ...groups };
	const [uid = '', gid, ...rest] = user.split(':');
	if (rest.length > 0)
		throw badFlag('--user', user, { problem: 'has more than one colon', example: '--user 1000:1000' });
	return {
		...base,
		...groups,
		uid: readId('--user', uid),
		...(gid === undefined ? {} : { gid: readId('--user', gid) }),
	};
}

/** Digits and nothing else: a sign, a space or another base has meant root before (CVE-2026-30892). */
function readId(flag: string, text: string): number {
	const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
	if (id <= LARGEST_ID) return id;
	throw badFlag(flag, text, {
		problem: `is no id: expected a number from 0 to ${LARGEST_ID}`,
		example: `${flag} 1000`,
	});
}

function raise(base: Capabilities, words: readonly string[]): Capabilities {
	const added = words.map(word =>
		word.toUpperCase().startsWith('CAP_') ? word.toUpperCase() : `CAP_${word.toUpperCase()}`,
	);
	const isAmbient = (base.inheritable ?? []).length > 0;
	const sets = [...RAISED, ...(isAmbient ? (['ambient'] as const) : [])].map(set => [
		set,
		[...new Set([...(base[set] ?? []), ...added])],
	]);
	return { ...base, ...(Object.fromEntries(sets) as Capabilities) };
}
