import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBundle } from '../kernel/support/bundle.ts';
import { hierarchyOf } from '../kernel/support/container-cgroup.ts';
import { openSystemd, type Systemd } from '../kernel/support/open-systemd.ts';
import { createSandbox } from '../kernel/support/run-tsrun.ts';
import { eventually } from './support/eventually.ts';
import { RUNTIMES } from './support/runtimes.ts';

const sandbox = createSandbox();
const rootfs = join(createBundle(sandbox), 'rootfs');
let systemd: Systemd;
beforeAll(async () => {
	systemd = await openSystemd();
});
afterAll(async () => {
	await systemd.close();
	sandbox.remove();
});

const scopes = (): Promise<string> =>
	systemd.output(['sh', '-c', "systemctl list-units --all --plain --no-legend 'libpod-*.scope'"]);

describe.each(RUNTIMES)('podman with its systemd driver and $name', ({ path }) => {
	const words = ['podman', '--cgroup-manager', 'systemd', '--runtime', path, '--events-backend', 'file'];
	const podman = (...args: readonly string[]): Promise<string> => systemd.output([...words, ...args]);
	const limits = [
		'--ulimit',
		'nofile=1024:1024',
		'--ulimit',
		'nproc=1024:1024',
		'--memory',
		'64m',
		'--pids-limit',
		'30',
	];
	const run = ['run', '--network', 'none', ...limits];

	it('runs, enters and removes a container in its scope', async () => {
		const program = ['--rootfs', rootfs, '/witness', 'sleep', '1000'];
		const id = await podman(...run, '--detach', '--name', 'one', ...program);
		const scope = `libpod-${id}.scope`;
		const memory = hierarchyOf('memory').isV1 ? 'MemoryLimit' : 'MemoryMax';
		expect(await systemd.show(scope)).toMatchObject({
			ActiveState: 'active',
			Slice: 'machine.slice',
			TasksMax: '30',
			[memory]: String(64 * 2 ** 20),
		});
		expect(await podman('exec', 'one', '/witness', 'read', '/proc/self/cgroup')).toContain(`/machine.slice/${scope}`);
		await podman('rm', '--force', '--time', '0', 'one');
		expect(await eventually(scopes, units => units === '')).toBe('');
	});

	it('passes the exit code on and leaves no scope', async () => {
		const { exitCode } = await systemd.run([...words, ...run, '--rm', '--rootfs', rootfs, '/witness', 'exit', '7']);
		expect(exitCode).toBe(7);
		expect(await eventually(scopes, units => units === '')).toBe('');
	});
});
