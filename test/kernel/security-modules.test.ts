import { afterAll, expect, it } from 'vitest';
import { readAppArmor, readSelinux } from '../../src/host/read-security-modules.ts';
import { bundleConfig, createBundle, runBundle, runUnder } from './support/bundle.ts';
import { createSandbox } from './support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

it('an AppArmor profile that cannot be applied is told with its field, and never left out', async () => {
	const config = bundleConfig();
	config.process.apparmorProfile = 'tsrun-no-such-profile';
	if (readAppArmor().isEnabled) {
		const { error } = await runBundle(sandbox, bundle, config);
		expect(error?.message).toMatch(
			/attr\/(apparmor\/)?exec \(init step \d+, \/process\/apparmorProfile\): no such file/,
		);
	} else {
		await expect(runBundle(sandbox, bundle, config)).rejects.toThrow(
			/\/process\/apparmorProfile: .* AppArmor is not enabled/,
		);
	}
	expect((await runUnder('runc', sandbox, config)).exitCode).not.toBe(0);
});

it.each([
	['process', 'selinuxLabel'],
	['linux', 'mountLabel'],
])('%s.%s that cannot be applied is told with its field, and never left out', async (object, field) => {
	const config = bundleConfig();
	config[object][field] = 'tsrun_u:tsrun_r:tsrun_t:s0';
	if (readSelinux()) {
		const { error } = await runBundle(sandbox, bundle, config);
		expect(error?.message).toMatch(/invalid argument$/);
	} else {
		await expect(runBundle(sandbox, bundle, config)).rejects.toThrow(/selinux is disabled or not supported/);
	}
	expect((await runUnder('runc', sandbox, config)).exitCode).not.toBe(0);
});

it('writes the label that the program begins with to the kernel’s own file, through a proc that nobody can cover', async () => {
	const config = bundleConfig();
	// without AppArmor the file is there and takes nothing; with it, there is no profile of that name
	config.process.apparmorProfile = 'web';
	const facts = { appArmor: { isEnabled: true, hasOwnFiles: false } };
	const { error, exitCode } = await runBundle(sandbox, bundle, config, facts);
	expect(exitCode).toBe(125);
	const cause = readAppArmor().isEnabled ? 'no such file or directory' : 'invalid argument';
	const words = String.raw`^cannot write "exec web" to /proc/thread-self/attr/exec \(init step \d+, /process/apparmorProfile\): ${cause}$`;
	expect(error?.message).toMatch(new RegExp(words));
});

it('a resource control group needs resctrl', async () => {
	const config = bundleConfig();
	config.linux.intelRdt = { closID: 'gold', l3CacheSchema: 'L3:0=f' };
	await expect(runBundle(sandbox, bundle, config)).rejects.toThrow(/\/linux\/intelRdt: .* Intel RDT is not enabled/);
	expect((await runUnder('runc', sandbox, config)).exitCode).not.toBe(0);
});
