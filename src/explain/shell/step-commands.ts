import { TsrunError } from '../../core/errors.ts';
import { CLONE, MNT_DETACH } from '../../plan/linux-constants.ts';
import type { Step, StepOf } from '../../plan/step.ts';
import { type Commands, lines, missing, NOTHING } from './commands.ts';
import { fileCommands, tolerant } from './file-commands.ts';
import { linkCommands } from './link-commands.ts';
import { mountCommand } from './mount-words.ts';
import { rootCommands } from './root-commands.ts';
import { shellWord, shellWords } from './shell-word.ts';
import type { Bridge } from './surroundings.ts';

/**
 * One step as commands of bash. What depends on other steps (the hand-over, the new root, the program) is not done here.
 * @throws TsrunError TSRUN_UNSUPPORTED for a step without which there would be no container
 */
export function stepCommands(step: Step, bridges: readonly Bridge[]): Commands {
	switch (step.op) {
		case 'mkdir':
		case 'rmdir':
		case 'unlinkLink':
		case 'removeTree':
		case 'chown':
		case 'write':
			return fileCommands(step);
		case 'writeProc':
			return step.path.startsWith('sys/') ? fileCommands(step) : missing('labels');
		case 'writeInit':
			return lines('find_init', writeInit(step));
		case 'attachInit':
			return lines('find_init', `echo "$init" > ${shellWord(`${step.path}/cgroup.procs`)}`);
		case 'removeCgroup':
			return lines(`remove_cgroup ${shellWord(step.path)}`);
		case 'killCgroup':
			return lines(`kill_cgroup ${shellWord(step.path)}`);
		case 'requireEmptyCgroup':
			return lines(
				`[[ -z $(find ${shellWord(step.path)} -name cgroup.procs -exec cat {} + 2> /dev/null) ]] || fail ${shellWord(`processes are in ${step.path}`)}`,
			);
		case 'attachDeviceProgram':
			return missing('device-program');
		case 'netfilter':
			return missing('nftables');
		case 'netlink':
		case 'moveLink':
			return linkCommands(step, bridges);
		case 'mount':
			return lines(
				tolerant(step, mountCommand({ ...step, source: shellWord(step.source), target: shellWord(step.target) })),
			);
		case 'umount':
			return lines(
				tolerant(step, `umount ${(Number(step.flags) & MNT_DETACH) === 0 ? '' : '-l '}-- ${shellWord(step.path)}`),
			);
		case 'chdir':
			return lines(step.path === '' ? 'cd "$root"' : `cd -- ${shellWord(step.path)}`);
		case 'openRoot':
		case 'openSource':
		case 'mkdirInRoot':
		case 'createInRoot':
		case 'mknodInRoot':
		case 'symlinkInRoot':
		case 'replaceLinkInRoot':
		case 'mountInRoot':
		case 'tmpfsInRoot':
		case 'mountSetattr':
		case 'maskInRoot':
		case 'readonlyInRoot':
			return rootCommands(step);
		case 'sethostname':
			return lines(`${echo(step.name)} > /proc/sys/kernel/hostname`);
		case 'setdomainname':
			return lines(`${echo(step.name)} > /proc/sys/kernel/domainname`);
		case 'standardStream':
			return lines(...(step.path === '' ? [] : [`exec ${step.fd}<> ${shellWord(step.path)}`]));
		case 'closeRange':
			return lines('for ((fd = 3; fd < 1024; fd++)); do exec {fd}>&-; done');
		case 'schedSetaffinity':
			return affinity(step);
		case 'openTerminal':
		case 'controllingTerminal':
			return missing('terminal');
		case 'sessionKeyring':
			return missing('session-keyring');
		case 'seccomp':
		case 'seccompNotify':
		case 'connectAgent':
			return missing('seccomp');
		case 'reap':
			return missing('reaper');
		case 'probe':
			return missing('health-check');
		case 'hook':
			return missing('hooks');
		case 'schedSetattr':
		case 'ioprioSet':
		case 'setMempolicy':
			return missing('scheduling');
		case 'personality':
			return missing('personality');
		case 'turn':
		case 'pipe':
		case 'log':
		case 'supervise':
		case 'noticeIfGrown':
		case 'openProc':
		case 'pivotRoot':
		case 'setsid':
		case 'umask':
		case 'rlimit':
		case 'prctl':
		case 'dropBounding':
		case 'capset':
		case 'raiseAmbient':
		case 'setgroups':
		case 'setresgid':
		case 'setresuid':
		case 'findProgram':
		case 'exec':
		case 'clone':
		case 'clone3':
		case 'unshare':
		case 'setns':
		case 'writePid':
		case 'sendDescriptor':
			return NOTHING;
		case 'mountIdmapped':
		case 'sendMapped':
		case 'sendSource':
		case 'forkInit':
		case 'moveRoot':
		case 'chroot':
		case 'openStart':
		case 'awaitStart':
		case 'leave':
		case 'openTarget':
		case 'joinTarget':
			throw unsupported(step);
	}
}

export function unsupported({ why, from }: Step): TsrunError {
	return new TsrunError('TSRUN_UNSUPPORTED', `--format sh: the usual commands have no way to do this: ${why}`, {
		hint:
			from === undefined
				? 'a script has neither user namespaces nor a root without pivot_root'
				: `asked for by ${from}`,
	});
}

export const hasNewUserNamespace = (flags: number | bigint): boolean => (BigInt(flags) & BigInt(CLONE.NEWUSER)) !== 0n;

function writeInit(step: StepOf<'writeInit'>): string {
	const text = typeof step.data === 'string' ? step.data : new TextDecoder().decode(step.data);
	return tolerant(step, `printf '%s' ${shellWord(text)} > "/proc/$init/${step.file}"`);
}

const echo = (text: string): string => `printf '%s' ${shellWord(text)}`;

/** Little endian, as cpu_set_t is. */
function affinity(step: StepOf<'schedSetaffinity'>): Commands {
	const bytes = typeof step.cpus === 'string' ? new TextEncoder().encode(step.cpus) : step.cpus;
	const cpus = [...bytes].flatMap((byte, index) =>
		Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1 ? [index * 8 + bit] : [])).flat(),
	);
	const isAll = cpus.length === bytes.length * 8;
	const list = isAll ? '"0-$(($(nproc --all) - 1))"' : shellWords([cpus.join(',')]);
	return lines(tolerant(step, `taskset --pid --cpu-list ${list} $$ > /dev/null`));
}
