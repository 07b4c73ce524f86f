/** What a container of the script lacks, by what it is about: bash and the usual commands have no way to make it. */
export const DIFFERENCES = {
	seccomp: 'no seccomp filter: every system call of the kernel is open, as far as capabilities allow',
	'session-keyring': 'no session keyring of its own: the keys of the caller can be reached',
	'device-program': 'no device rules: an eBPF program would hold them, and the control groups let every device through',
	nftables: 'no rules of nftables: no masquerading towards the world, no published ports',
	terminal: 'no terminal of its own: the standard streams are those of the script',
	reaper: 'no init that reaps orphans: the program itself is process 1',
	'health-check': 'nobody asks the container whether it is well',
	hooks: 'no hooks are called',
	labels: 'no label of a security module',
	scheduling: 'no scheduling class, I/O priority or memory policy of its own',
	personality: 'no personality of its own',
	environment: 'variables without a name, or without =, are left out',
	'working-directory': 'the working directory is entered by the user, who needs x permission for it',
	'volume-content': 'a volume without a name starts empty, without what the image has there',
} as const;

export type Difference = keyof typeof DIFFERENCES;
