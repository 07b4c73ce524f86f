import { MS, RLIMITS } from '../plan/linux-constants.ts';
import type { Step, StepOf } from '../plan/step.ts';
import { argumentText } from './argument-text.ts';
import { capabilityNames } from './capability-names.ts';
import { CLONE_NAMES, flagNames } from './flag-names.ts';
import { quoted } from './printable.ts';

/** What a step does, as words that follow "cannot": `mount proc at /proc`. Names are as the plan has them, not made printable. */
export function stepAction(step: Step): string {
	switch (step.op) {
		case 'mkdir':
		case 'mkdirInRoot':
			return `make the directory ${step.path}`;
		case 'rmdir':
			return `remove the directory ${step.path}`;
		case 'unlinkLink':
			return `remove ${step.path}`;
		case 'removeTree':
			return `remove the directory tree ${step.path}`;
		case 'chown':
			return `give ${step.path} to ${step.uid}:${step.gid}`;
		case 'write':
			return `write ${dataOf(step)} to ${step.path}`;
		case 'clone':
		case 'clone3':
			return `start the container's first process with ${flagNames(step.flags, CLONE_NAMES)}`;
		case 'turn':
			return 'hand over between the supervisor and init';
		case 'writeInit':
			return `write ${dataOf(step)} to ${step.file} of init in /proc`;
		case 'attachInit':
			return `put init into the cgroup ${step.path}`;
		case 'removeCgroup':
			return `remove the cgroup ${step.path}`;
		case 'requireEmptyCgroup':
			return `use the cgroup ${step.path}, which has to be empty`;
		case 'killCgroup':
			return `end the processes of the cgroup ${step.path}`;
		case 'attachDeviceProgram':
			return `attach the device rules to the cgroup ${step.cgroup}`;
		case 'moveLink':
		case 'netlink':
		case 'netfilter':
			return `change the network (${step.why})`;
		case 'pipe':
			return `make a pipe for standard stream ${step.fd}`;
		case 'log':
			return `open the log ${step.path}`;
		case 'probe':
			return 'have the health check carried out while the container runs';
		case 'supervise':
			return 'supervise the container';
		case 'noticeIfGrown':
			return `read ${step.key} of ${step.path}`;
		case 'unshare':
			return `enter new namespaces with ${flagNames(step.flags, CLONE_NAMES)}`;
		case 'setns':
			return `join the namespace ${step.path}`;
		case 'openRoot':
			return `open the root file system ${step.path}`;
		case 'mount':
		case 'mountInRoot':
			return mountAction(step);
		case 'mountSetattr':
			return `set the attributes of the mount ${step.target}`;
		case 'mountIdmapped':
			return `mount ${step.source} with mapped ids at ${step.target}`;
		case 'umount':
			return `unmount ${step.path}`;
		case 'createInRoot':
			return `create the file ${step.path}`;
		case 'mknodInRoot':
			return `make the device node ${step.path}`;
		case 'sendMapped':
			return `map the ids of the mount ${step.source}`;
		case 'symlinkInRoot':
		case 'replaceLinkInRoot':
			return `make the symbolic link ${step.path}`;
		case 'maskInRoot':
			return `mask ${step.path}`;
		case 'sendSource':
			return `open the mount source ${step.path}`;
		case 'openSource':
			return step.path === '' ? 'take the mount source' : `open the mount source ${step.path}`;
		case 'readonlyInRoot':
			return `make ${step.path} read-only`;
		case 'tmpfsInRoot':
			return `mount tmpfs at ${step.target}`;
		case 'pivotRoot':
		case 'moveRoot':
		case 'chroot':
			return 'make the root file system the root';
		case 'chdir':
			return `change to ${step.path === '' ? 'the root file system' : `the directory ${step.path}`}`;
		case 'sethostname':
			return `set the host name ${step.name}`;
		case 'setdomainname':
			return `set the domain name ${step.name}`;
		case 'openProc':
			return 'open a proc file system';
		case 'writeProc':
			return `write ${dataOf(step)} to /proc/${step.path}`;
		case 'openTerminal':
			return 'open a terminal';
		case 'controllingTerminal':
			return 'take the terminal';
		case 'standardStream':
			return `open standard stream ${step.fd}${step.path === '' ? '' : ` at ${step.path}`}`;
		case 'setsid':
			return 'start a session';
		case 'umask':
			return 'set the file mode mask';
		case 'rlimit':
			return `set ${rlimitName(step)} to ${limitOf(step, 'soft')} and at most ${limitOf(step, 'hard')}`;
		case 'prctl':
			return `set the process attribute ${argumentText('prctl', 'option', { kind: 'int', value: step.option })}`;
		case 'dropBounding':
			return `drop capabilities from the bounding set down to ${capabilityNames(step.keep)}`;
		case 'capset':
			return `set the capabilities ${capabilityNames(step.permitted)}`;
		case 'raiseAmbient':
			return `raise the ambient capabilities ${capabilityNames(step.set)}`;
		case 'setgroups':
			return 'set the supplementary groups';
		case 'setresgid':
			return `become group ${step.gid}`;
		case 'setresuid':
			return `become user ${step.uid}`;
		case 'sessionKeyring':
			return `join the session keyring ${step.name}`;
		case 'seccomp':
			return 'install the seccomp filter';
		case 'closeRange':
			return 'close the open files';
		case 'reap':
			return 'start the reaping process';
		case 'openStart':
			return `make the fifo ${step.path}`;
		case 'awaitStart':
			return 'wait for the start';
		case 'leave':
			return 'leave init to the caller';
		case 'hook':
			return `run the hook ${step.path}`;
		case 'writePid':
			return `write the pid of init to ${step.path}`;
		case 'sendDescriptor':
			return `send ${step.name} to the socket ${step.socket}`;
		case 'findProgram':
			return `find ${quoted(step.paths[0] ?? '')}`;
		case 'openTarget':
			return `open the process ${step.pid}`;
		case 'joinTarget':
			return `join its namespaces ${flagNames(step.flags, CLONE_NAMES)}`;
		case 'connectAgent':
			return `connect to the seccomp agent ${step.socket}`;
		case 'seccompNotify':
			return 'install the seccomp filter and send its descriptor to the agent';
		case 'forkInit':
			return 'start init again inside its namespaces';
		case 'schedSetattr':
			return 'set the scheduler with sched_setattr';
		case 'schedSetaffinity':
			return 'set the CPUs to run on with sched_setaffinity';
		case 'ioprioSet':
			return 'set the I/O priority with ioprio_set';
		case 'personality':
			return 'set the execution domain with personality';
		case 'setMempolicy':
			return 'set the memory policy with set_mempolicy';
		case 'exec':
			return `run ${quoted(step.argv[0] ?? step.paths[0] ?? '')}`;
	}
}

function mountAction({ source, target, type, flags }: StepOf<'mount'> | StepOf<'mountInRoot'>): string {
	const bits = Number(flags);
	if ((bits & MS.REMOUNT) !== 0) return `set the flags of the mount ${target}`;
	if ((bits & MS.MOVE) !== 0) return `move the mount ${source} to ${target}`;
	if ((bits & MS.BIND) !== 0) return `bind ${source} at ${target}`;
	if ((bits & (MS.SHARED | MS.PRIVATE | MS.SLAVE | MS.UNBINDABLE)) !== 0)
		return `set the propagation of the mount ${target}`;
	return `mount ${type === '' ? source : type} at ${target}`;
}

function dataOf(step: StepOf<'write'> | StepOf<'writeInit'> | StepOf<'writeProc'>): string {
	return argumentText(step.op, 'data', { kind: 'bytes', value: step.data });
}

function rlimitName({ resource }: StepOf<'rlimit'>): string {
	return Object.keys(RLIMITS).find(name => RLIMITS[name] === Number(resource)) ?? `resource limit ${resource}`;
}

function limitOf(step: StepOf<'rlimit'>, bound: 'soft' | 'hard'): string {
	return argumentText('rlimit', bound, { kind: 'int', value: step[bound] });
}
