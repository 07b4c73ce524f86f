import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';

const sandbox = createSandbox();
let image = '';
const CLONE_NEWUSER_NEWNS_NEWCGROUP = 0x10000000 | 0x20000 | 0x2000000;

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { busybox: true });
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
afterAll(() => sandbox.remove());

/** Refused while the flags are read, or by the kernel: a message, perhaps the step and a hint, and nothing more. */
async function expectRefusal(flags: readonly string[], message: RegExp): Promise<void> {
	const { exitCode, stdout, stderr } = await runTsrun(sandbox, ['run', '--rm', ...flags, image]);
	expect([exitCode, stdout]).toEqual([125, '']);
	expect(stderr).toMatch(message);
	expect(stderr).toMatch(/^tsrun: .*\n( {2}step: .*\n)?( {2}hint: .*\n)?$/);
}

describe('--sysctl (CVE-2022-0811)', () => {
	it.each([
		'kernel.core_pattern=|/evil',
		'kernel.shm_rmid_forced=1+kernel.core_pattern=|/evil',
		'kernel.shm_rmid_forced=1\nkernel.core_pattern=|/evil',
		'kernel/core_pattern=|/evil',
		'net/../kernel/core_pattern=|/evil',
		'net.../kernel.core_pattern=|/evil',
		'net..=1',
		'net.ipv4.conf/../../../kernel/core_pattern=|/evil',
		'net.ipv4.ip\n_forward=1',
		'vm.panic_on_oom=2',
		'fs.suid_dumpable=2',
		'kernel.msgmax.=1',
		'=1',
		'net.ipv4.ip_forward',
	])('%j is refused', async setting => {
		await expectRefusal(['--sysctl', setting], /sysctl/);
	});

	it.each([
		[['--sysctl', 'net.ipv4.ip_forward=1', '--network', 'host'], /net/],
		[['--sysctl', 'kernel.msgmax=1', '--ipc', 'host'], /ipc|IPC/],
	])('%j would change the host: refused', async (flags, message) => {
		await expectRefusal(flags, message);
	});

	it('a value goes to its key alone, whatever is in it', async () => {
		const { stdout } = await runTsrun(sandbox, [
			...['run', '--rm', '--sysctl', 'net.ipv4.ping_group_range=0 5', '--entrypoint', '/bin/busybox', image],
			...['cat', '/proc/sys/net/ipv4/ping_group_range', '/proc/sys/kernel/core_pattern'],
		]);
		expect(stdout).toMatch(/^0\t5\n/);
		expect(stdout).not.toContain('evil');
	});
});

describe('names of cgroups and containers', () => {
	it.each(['..', '/..', '/a/../b', '../../escape', '/a/..', 'a\nb', 'a b', '/', `/${'x'.repeat(300)}`])(
		'--cgroup-parent %j is refused',
		async parent => {
			await expectRefusal([`--cgroup-parent=${parent}`], /cgroup/);
		},
	);

	it.each([
		'..',
		'.',
		'../x',
		'a/b',
		'/etc/passwd',
		'a\nb',
		'-rf',
		'a b',
		'ü',
		`${'x'.repeat(300)}`,
		'.new-x',
		'$(id)',
	])('--name %j is refused', async name => {
		await expectRefusal([`--name=${name}`], /name/);
	});

	it.each(['..', '../names', '.new-', '/', '*', '', 'names'])('tsrun rm %j finds no container', async name => {
		const { exitCode, stderr } = await runTsrun(sandbox, ['rm', '-f', '--', name]);
		expect(exitCode).toBe(1);
		expect(stderr).toMatch(/no such container/);
		expect((await runTsrun(sandbox, ['ps', '-aq'])).exitCode).toBe(0);
	});
});

describe('sets of CPUs (CVE-2018-20699)', () => {
	it.each(['0-2147483647', '0-99999999999999999999', '4294967296', '0-', '1-0', ',', '0,,1', '-1', '0-1-2'])(
		'--cpuset-cpus %s is refused at once',
		async cpus => {
			const began = performance.now();
			await expectRefusal([`--cpuset-cpus=${cpus}`], /cpuset/);
			expect(performance.now() - began).toBeLessThan(5000 * SLOWNESS);
		},
	);
});

describe('the default profile', () => {
	it('lets no cgroup hierarchy be mounted, in no namespace that a container can make (CVE-2022-0492)', async () => {
		const { witness } = await runTsrun(sandbox, [
			...['run', '--rm', image, 'unshare', String(CLONE_NEWUSER_NEWNS_NEWCGROUP)],
			...['--', 'mount', 'cgroup', '/tmp', 'cgroup', '0', '--', 'mount', 'cgroup', '/tmp', 'cgroup2', '0'],
			...['--', 'write', '/sys/fs/cgroup/release_agent', '/evil'],
		]);
		expect(witness.actions).toHaveLength(4);
		for (const { errno } of witness.actions) expect(errno).not.toBe(0);
	});

	it('shows cgroups read-only, and not those of others', async () => {
		const { report } = (await runTsrun(sandbox, ['run', '--rm', image])).witness;
		const cgroups = report.mounts.filter(line => / - cgroup2? /.test(line));
		expect(cgroups.length).toBeGreaterThan(0);
		for (const line of cgroups) {
			expect(line.split(' ')[3]).toBe('/');
			expect(line.split(' ')[5]).toMatch(/^ro\b/);
		}
		for (const line of report.cgroup) expect(line).toMatch(/:\/$/);
	});

	it('keeps the settings of the kernel from being written', async () => {
		const files = ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/irq/default_smp_affinity'];
		const { witness } = await runTsrun(sandbox, [
			...['run', '--rm', image],
			...files.flatMap(file => ['write', file, 'x', '--']),
			...['umount', '/proc/sys', '2'],
		]);
		for (const { errno } of witness.actions) expect(errno).not.toBe(0);
	});
});
