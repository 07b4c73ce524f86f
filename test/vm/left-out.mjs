// What .ci/run leaves out of the kernel tier in the VM, by file; nothing else is left out there. Prints the list. A file that imports STRIDE
// (test/kernel/support/slowness.ts) is in REDUCED, and no other. Who names a file of WHOLE to test/vm/run runs it.
import { resolve } from 'node:path';

const SLOW = 'each is a start of a container or a command, ten times as slow here';
const BYTES = 'it depends on bytes and not on the kernel';

export const REDUCED = [
	{
		file: 'test/kernel/crash.test.ts',
		what: 'SIGKILL at one of eight steps and at 5 random moments in place of 40; 1 race for a name in place of 3',
		why: SLOW,
	},
	{ file: 'test/kernel/oci/systemd.test.ts', what: 'SIGKILL at 3 moments of create in place of 24', why: SLOW },
	{ file: 'test/kernel/step.test.ts', what: 'a quit at one of eight steps', why: SLOW },
	{ file: 'test/kernel/teardown.test.ts', what: 'a failure at one of eight steps', why: SLOW },
	{ file: 'test/kernel/store/killed.test.ts', what: 'SIGKILL at 28 random moments in place of 220', why: SLOW },
	{ file: 'test/kernel/store/owners.test.ts', what: 'an eighth of the commands', why: SLOW },
	{ file: 'test/kernel/store/parallel.test.ts', what: '16 commands at once in place of 72', why: SLOW },
	{ file: 'test/kernel/hostile-layers.test.ts', what: '75 changed archives in place of 600', why: BYTES },
	{ file: 'test/kernel/unpack.test.ts', what: 'archives of GNU tar with an eighth of the bytes', why: BYTES },
	{ file: 'test/kernel/terminal.test.ts', what: 'a long output of 25,000 lines in place of 200,000', why: BYTES },
];

const TIME = 'all of .ci/run would take more than forty minutes with it';

export const WHOLE = [
	{ file: 'test/kernel/bad-input.test.ts', why: TIME },
	{ file: 'test/kernel/cp.test.ts', why: TIME },
	{ file: 'test/kernel/hostile-layers.test.ts', why: TIME },
	{ file: 'test/kernel/life/attach.test.ts', why: TIME },
	{ file: 'test/kernel/life/commands.test.ts', why: TIME },
	{ file: 'test/kernel/life/create.test.ts', why: TIME },
	{ file: 'test/kernel/life/detach.test.ts', why: TIME },
	{ file: 'test/kernel/life/logs.test.ts', why: TIME },
	{ file: 'test/kernel/life/flood.test.ts', why: TIME },
	{ file: 'test/kernel/life/health.test.ts', why: TIME },
	{ file: 'test/kernel/life/inspect.test.ts', why: TIME },
	{ file: 'test/kernel/life/many.test.ts', why: TIME },
	{ file: 'test/kernel/life/programs.test.ts', why: TIME },
	{ file: 'test/kernel/life/networks.test.ts', why: TIME },
	{ file: 'test/kernel/life/reboot.test.ts', why: TIME },
	{ file: 'test/kernel/life/stats.test.ts', why: TIME },
	{ file: 'test/kernel/networks.test.ts', why: TIME },
	{ file: 'test/kernel/step.test.ts', why: TIME },
	{ file: 'test/kernel/tour.test.ts', why: TIME },
	{ file: 'test/kernel/unpack.test.ts', why: TIME },
	{ file: 'test/kernel/security/credentials.test.ts', why: TIME },
	{ file: 'test/kernel/security/host-binary.test.ts', why: TIME },
	{ file: 'test/kernel/security/swap-race.test.ts', why: TIME },
	{ file: 'test/kernel/store/check.test.ts', why: TIME },
	{ file: 'test/kernel/store/killed.test.ts', why: TIME },
	{ file: 'test/kernel/store/owners.test.ts', why: TIME },
	{ file: 'test/kernel/store/parallel.test.ts', why: TIME },
	{ file: 'test/kernel/volumes.test.ts', why: TIME },
];

if (process.argv[1] === resolve(import.meta.filename)) {
	process.stdout.write('\nOf the kernel tier the VM leaves out:\n');
	for (const { file, why } of WHOLE) process.stdout.write(`  ${file}: all of it, since ${why}\n`);
	const isRun = ({ file }) => !WHOLE.some(other => other.file === file);
	for (const { file, what, why } of REDUCED.filter(isRun))
		process.stdout.write(`  ${file}: it tries ${what}, since ${why}\n`);
}
