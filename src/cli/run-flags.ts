import { type Command, Option } from 'commander';

type Kind = 'switch' | 'value' | 'list';

type Flag = readonly [flags: string, kind: Kind, description: string];

/** Every flag of `run` and `plan`: flags, kind, description. */
const FLAGS: readonly Flag[] = [
	['--name <name>', 'value', 'name of the container'],
	['--rm', 'switch', 'remove the container when it has ended'],
	['-d, --detach', 'switch', 'run in the background and print the id of the container'],
	['-i, --interactive', 'switch', 'keep standard input open'],
	['-t, --tty', 'switch', 'give the container a terminal'],
	['-e, --env <name[=value]>', 'list', 'set an environment variable, or pass on the caller’s'],
	['--env-file <file>', 'list', 'read environment variables from a file'],
	['-w, --workdir <path>', 'value', 'working directory'],
	['-u, --user <user[:group]>', 'value', 'user by name or id'],
	['--group-add <group>', 'list', 'add a supplementary group'],
	['--entrypoint <command>', 'value', 'run this instead of the image’s entrypoint'],
	['-l, --label <key[=value]>', 'list', 'note something with the container'],
	['--init', 'switch', 'run a pid 1 that reaps processes and passes signals on'],
	['--stop-signal <signal>', 'value', 'signal that asks the container to end'],
	['--stop-timeout <seconds>', 'value', 'time between that signal and SIGKILL, -1 for no end'],
	['--health-cmd <command>', 'value', 'line of the shell that tells by its exit code whether the container is well'],
	['--health-interval <duration>', 'value', 'time between two of these (default: 30s)'],
	['--health-timeout <duration>', 'value', 'time after which one has failed (default: 30s)'],
	['--health-retries <number>', 'value', 'failures in a row that mean unhealthy (default: 3)'],
	['--health-start-period <duration>', 'value', 'time from the start in which failures do not count'],
	['--no-healthcheck', 'switch', 'no health check, whatever the image says'],
	['--restart <policy>', 'value', 'no, on-failure[:tries], always or unless-stopped'],
	['--log-driver <driver>', 'value', 'k8s-file or none'],
	['--log-opt <name=value>', 'list', 'max-size=SIZE and max-file=NUMBER of the log'],
	['--cidfile <file>', 'value', 'write the id of the container to a file'],
	['--platform <os/arch>', 'value', 'platform of the image'],
	['--pull <when>', 'value', 'missing, never or always'],
	['-v, --volume <source:path[:modes]>', 'list', 'bind a host path, or have a volume'],
	['--mount <key=value,…>', 'list', 'the same and tmpfs, in full words'],
	['--tmpfs <path[:options]>', 'list', 'mount a tmpfs'],
	['--read-only', 'switch', 'make the root file system read-only'],
	['--shm-size <size>', 'value', 'size of /dev/shm'],
	['--device <path[:path][:rwm]>', 'list', 'give the container a device of the host'],
	['-h, --hostname <name>', 'value', 'host name'],
	['--domainname <name>', 'value', 'domain name'],
	['--add-host <name:address>', 'list', 'add a line to /etc/hosts'],
	['--dns <address>', 'list', 'name server'],
	['--dns-search <domain>', 'list', 'search domain'],
	['--dns-option <option>', 'list', 'option of resolv.conf'],
	['--network <network>', 'list', 'networks by name, none, host, container:<id> or ns:<path>'],
	['--ip <address>', 'value', 'its address in the network'],
	['--ip6 <address>', 'value', 'its address of IPv6'],
	['--mac-address <address>', 'value', 'hardware address of its interface'],
	['--network-alias <name>', 'list', 'a further name of the container in the network'],
	['--link-local-ip <address>', 'list', 'a further address of its interface'],
	['-p, --publish <[address:][port:]port>', 'list', 'make a port reachable at the host'],
	['-P, --publish-all', 'switch', 'make every exposed port reachable at a port that the kernel chooses'],
	['--expose <port[/protocol]>', 'list', 'name a port for --publish-all'],
	['--pid <namespace>', 'value', 'private, host or container:<id>'],
	['--ipc <namespace>', 'value', 'private, none, host or container:<id>'],
	['--uts <namespace>', 'value', 'private, host or container:<id>'],
	['--userns <namespace>', 'value', 'host or private[:<first id>[:<number of ids>]]'],
	['--cgroupns <namespace>', 'value', 'private or host'],
	['--privileged', 'switch', 'all capabilities, all devices, nothing hidden'],
	['--cap-add <capability>', 'list', 'add a capability, or ALL'],
	['--cap-drop <capability>', 'list', 'take a capability away, or ALL'],
	['--security-opt <option>', 'list', 'seccomp=<file>, seccomp=unconfined, no-new-privileges'],
	['--sysctl <key=value>', 'list', 'set a kernel parameter of the container’s namespaces'],
	['--ulimit <name=soft[:hard]>', 'list', 'set a resource limit'],
	['--oom-score-adj <number>', 'value', 'how early the kernel ends it when memory is short, -1000 to 1000'],
	['--cgroup-parent <path>', 'value', 'cgroup to make the container’s below'],
	['-m, --memory <size>', 'value', 'limit of memory'],
	['--memory-swap <size>', 'value', 'limit of memory and swap together, -1 for none'],
	['--memory-reservation <size>', 'value', 'memory to leave it when memory is short'],
	['--memory-swappiness <number>', 'value', 'how readily the kernel swaps, 0 to 100 (cgroup v1)'],
	['--oom-kill-disable', 'switch', 'wait at the limit of memory, do not kill (cgroup v1)'],
	['--cpus <number>', 'value', 'limit of CPU time, in CPUs'],
	['-c, --cpu-shares <number>', 'value', 'weight of CPU time, 1024 is usual'],
	['--cpu-period <microseconds>', 'value', 'period that the quota counts in'],
	['--cpu-quota <microseconds>', 'value', 'CPU time in each period'],
	['--cpuset-cpus <list>', 'value', 'CPUs it may use: 0-2,4'],
	['--cpuset-mems <list>', 'value', 'memory nodes it may use'],
	['--pids-limit <number>', 'value', 'limit of processes, -1 for none'],
	['--blkio-weight <number>', 'value', 'weight of block I/O, 10 to 1000'],
	['--no-pivot', 'switch', 'chroot instead of pivot_root'],
	// docker's other spellings, which help does not show
	['--net <network>', 'list', ''],
	['--net-alias <name>', 'list', ''],
	['--dns-opt <option>', 'list', ''],
];

/**
 * Declares the options that `run` and `plan` share. Words after the image are the container's, so the program above needs
 * `enablePositionalOptions()`; `-h` is the host name, as docker has it.
 * @param words what the command line says, if only the options that it may mean are needed: each takes time to declare, and
 * they are sixty. A word that means none of them brings all, for help and for the hint at the nearest.
 * @param without long names of those that a command does not have
 */
export function addRunOptions(command: Command, words?: readonly string[], without: readonly string[] = []): Command {
	command.helpOption('--help', 'show this help').passThroughOptions();
	for (const flag of words === undefined ? FLAGS : meantBy(words)) {
		if (!without.some(name => flag[0].endsWith(name))) command.addOption(toOption(flag));
	}
	return command;
}

function meantBy(words: readonly string[]): readonly Flag[] {
	const asked = words
		.filter(word => word.startsWith('-') && word !== '-' && word !== '--')
		.map(word => word.replace(/=.*/s, ''));
	const meant = FLAGS.filter(([flags]) => asked.some(word => mayMean(word, flags)));
	return asked.every(word => meant.some(([flags]) => mayMean(word, flags))) ? meant : FLAGS;
}

/** Of a word like -it each letter may be a flag, and of -eA=1 only the first is. */
function mayMean(word: string, flags: string): boolean {
	if (word.startsWith('--')) return `${flags} `.includes(`${word} `);
	return flags.startsWith(', ', 2) && word.includes(flags.charAt(1));
}

function toOption([flags, kind, description]: Flag): Option {
	const option = new Option(flags, description).hideHelp(description === '');
	if (kind !== 'list') return option;
	return option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}
