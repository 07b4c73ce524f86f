import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../peers/support/eventually.ts';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { hierarchyOf } from '../support/container-cgroup.ts';
import { type OciResult, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { openSystemd, type Systemd } from '../support/open-systemd.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from '../support/slowness.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
let systemd: Systemd;
beforeAll(async () => {
	systemd = await openSystemd();
});
afterAll(async () => {
	await systemd.close();
	sandbox.remove();
});

const MIB = 1024 ** 2;
const isV1 = hierarchyOf('memory').isV1;
const MEMORY_MAX = isV1 ? 'MemoryLimit' : 'MemoryMax';
const MEMORY_FILE = isV1 ? 'memory.limit_in_bytes' : 'memory.max';

/** Where a scope's control file of a controller is, on that machine. */
const control = (controller: string, path: string, file: string): string =>
	hierarchyOf(controller).isV1 ? `/sys/fs/cgroup/${controller}${path}/${file}` : `/sys/fs/cgroup${path}/${file}`;
const read = (controller: string, path: string, file: string): Promise<string> =>
	systemd.output(['cat', control(controller, path, file)]);

interface Wish {
	readonly cgroupsPath?: string;
	readonly resources?: Config;
	readonly annotations?: Config;
	readonly args?: readonly string[];
}

function configure({ cgroupsPath, resources, annotations, args = ['sleep', '1000'] }: Wish): void {
	const config = bundleConfig(...args);
	writeConfig(bundle, { ...config, annotations, linux: { ...config.linux, cgroupsPath, resources } });
}

/** A runtime on the machine of systemd, with its driver. */
function runtimeOf(name: 'tsrun' | 'runc') {
	const runtime = ociRuntime(name, sandbox);
	const run = (...args: readonly string[]): Promise<OciResult> =>
		runtime.run(['--systemd-cgroup', ...args], { wrapper: systemd.words([]) });
	const must = async (...args: readonly string[]): Promise<OciResult> => {
		const result = await run(...args);
		if (result.exitCode !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.exitCode}: ${result.stderr}`);
		return result;
	};
	return {
		run,
		must,
		create: async (id: string, wish: Wish): Promise<OciResult> => {
			configure(wish);
			return run('create', '--bundle', bundle, id);
		},
		start: async (id: string, wish: Wish): Promise<void> => {
			configure(wish);
			await must('run', '--detach', '--bundle', bundle, id);
		},
		cgroupsOf: async (id: string): Promise<readonly string[]> => {
			const { pid } = JSON.parse((await must('state', id)).stdout) as { readonly pid: number };
			const text = await systemd.output(['cat', `/proc/${pid}/cgroup`]);
			const paths = new Set(text.split('\n').map(line => line.split(':')[2] ?? ''));
			// What runc has no name for on a hybrid host, it leaves as it is.
			return [...paths].filter(path => name === 'tsrun' || path.endsWith('.scope'));
		},
	};
}

/** Scopes of containers that systemd knows, and cgroups and processes that are left of them. */
async function leftovers(): Promise<string> {
	const units = await systemd.output(['sh', '-c', "systemctl list-units --all --plain --no-legend 'sd-*.scope'"]);
	const cgroups = await systemd.output(['sh', '-c', "find /sys/fs/cgroup -type d -name 'sd-*'"]);
	const places = await systemd.output(['sh', '-c', 'pgrep -x tsrun-place || true']);
	return `${units}${cgroups}${places}`.trim();
}
const nothingIsLeft = (): Promise<string> => eventually(leftovers, left => left === '');

describe.each(['tsrun', 'runc'] as const)('a container of %s in a scope of systemd', name => {
	const runtime = runtimeOf(name);
	afterEach(async () => {
		for (const id of ['one', 'two']) await runtime.run('delete', '--force', id);
		expect(await nothingIsLeft()).toBe('');
	});

	it('is in prefix-name.scope, in the slice of its cgroupsPath, in every hierarchy', async () => {
		await runtime.start('one', { cgroupsPath: 'sdtest-a.slice:sd:one' });
		expect(await runtime.cgroupsOf('one')).toEqual(['/sdtest.slice/sdtest-a.slice/sd-one.scope']);
		expect(await systemd.show('sd-one.scope')).toMatchObject({
			...{
				Slice: 'sdtest-a.slice',
				ActiveState: 'active',
				SubState: 'running',
				Delegate: 'yes',
			},
			...{ Description: 'libcontainer container one', DefaultDependencies: 'no', TasksAccounting: 'yes' },
			...{ MemoryAccounting: 'yes', CPUAccounting: 'yes', [isV1 ? 'BlockIOAccounting' : 'IOAccounting']: 'yes' },
		});
	});

	it('is in system.slice, as runc-ID.scope, where nothing is said', async () => {
		await runtime.start('one', {});
		expect(await runtime.cgroupsOf('one')).toEqual(['/system.slice/runc-one.scope']);
		await runtime.must('delete', '--force', 'one');
		expect(await systemd.show('runc-one.scope')).toMatchObject({ LoadState: 'not-found' });
	});

	it('has limits that systemd knows, and sets again when it is loaded again', async () => {
		const path = '/system.slice/sd-one.scope';
		const resources = {
			memory: { limit: 64 * MIB },
			cpu: { shares: 512, quota: 50_000, period: 100_000 },
			pids: { limit: 20 },
		};
		await runtime.start('one', { cgroupsPath: ':sd:one', resources });
		const known = await systemd.show('sd-one.scope');
		expect(known).toMatchObject({
			[MEMORY_MAX]: String(64 * MIB),
			TasksMax: '20',
			CPUQuotaPerSecUSec: '500ms',
			CPUQuotaPeriodUSec: '100ms',
			DevicePolicy: 'strict',
		});
		if (isV1) expect(known.CPUShares).toBe('512');
		// runc 1.1 has another scale for the weight of shares than later ones.
		else expect(name === 'runc' ? ['20', '59'] : ['59']).toContain(known.CPUWeight);
		expect(known.DeviceAllow).toMatch(/\/dev\/char\/\d+:\d+ rwm/);
		await systemd.output(['systemctl', 'daemon-reload']);
		expect(await read('memory', path, MEMORY_FILE)).toBe(String(64 * MIB));
		expect(await read('pids', path, 'pids.max')).toBe('20');
		expect((await runtime.must('exec', 'one', '/witness', 'open', '/dev/null', 'w')).stdout).toContain('"errno":0');
	});

	it('has other limits after an update, in the kernel and in systemd', async () => {
		const path = '/system.slice/sd-one.scope';
		await runtime.start('one', {
			cgroupsPath: ':sd:one',
			resources: { memory: { limit: 64 * MIB }, pids: { limit: 20 } },
		});
		await runtime.must('update', '--memory', '48M', '--pids-limit', '30', 'one');
		expect(await systemd.show('sd-one.scope')).toMatchObject({ [MEMORY_MAX]: String(48 * MIB), TasksMax: '30' });
		await systemd.output(['systemctl', 'daemon-reload']);
		expect(await read('memory', path, MEMORY_FILE)).toBe(String(48 * MIB));
		expect(await read('pids', path, 'pids.max')).toBe('30');
	});

	it('is joined by exec, and paused and resumed', async () => {
		await runtime.start('one', { cgroupsPath: ':sd:one' });
		const { stdout } = await runtime.must('exec', 'one', '/witness', 'read', '/proc/self/cgroup');
		for (const line of stdout.split('\\n').filter(each => /^\d+:/.test(each))) expect(line).toContain('/sd-one.scope');
		expect(stdout).toContain('/system.slice/sd-one.scope');
		await runtime.must('pause', 'one');
		expect(JSON.parse((await runtime.must('state', 'one')).stdout)).toMatchObject({ status: 'paused' });
		await runtime.must('resume', 'one');
		expect(JSON.parse((await runtime.must('ps', '--format', 'json', 'one')).stdout)).toHaveLength(1);
	});

	it('has the properties that its annotations name', async () => {
		const annotations = {
			'org.systemd.property.TimeoutStopUSec': 'uint64 123456789',
			'org.systemd.property.RuntimeMaxSec': '1000',
			'org.systemd.property.CollectMode': "'inactive-or-failed'",
		};
		await runtime.start('one', { cgroupsPath: ':sd:one', annotations });
		expect(await systemd.show('sd-one.scope')).toMatchObject({
			TimeoutStopUSec: '2min 3.456789s',
			RuntimeMaxUSec: '16min 40s',
			CollectMode: 'inactive-or-failed',
		});
	});

	it('can be made again as soon as one of its name has ended', async () => {
		for (let round = 0; round < 5; round++) {
			configure({ cgroupsPath: ':sd:one', args: ['exit', '3'] });
			expect((await runtime.run('run', '--bundle', bundle, 'one')).exitCode).toBe(3);
		}
	});

	it.each([
		[
			'/sd/one',
			/expected cgroupsPath to be of format \\?"slice:prefix:name\\?" for systemd cgroups, got \\?"\/sd\/one\\?" instead/,
		],
		['sd--a.slice:sd:one', /invalid slice name: "?sd--a\.slice/],
	])('is refused at %s', async (cgroupsPath, words) => {
		const { exitCode, stderr } = await runtime.create('one', { cgroupsPath });
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(words)]);
	});

	it('is refused with the end of the job, where systemd cannot make the scope', async () => {
		const place = '/run/systemd/system';
		const slice = '[Unit]\nRequires=sdfails.service\nAfter=sdfails.service\n';
		const service = '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/false\n';
		const write = `mkdir -p ${place}; printf '${slice}' > ${place}/sdfails.slice; printf '${service}' > ${place}/sdfails.service`;
		await systemd.output(['sh', '-c', `${write}; systemctl daemon-reload`]);
		const { exitCode, stderr } = await runtime.create('one', { cgroupsPath: 'sdfails.slice:sd:one' });
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/sd-one\.scope.*dependency/)]);
		expect((await runtime.run('state', 'one')).stderr).toContain('does not exist');
	});

	it('is made by systemd alone, where there is no bus', async () => {
		await systemd.output(['systemctl', 'stop', 'dbus.socket', 'dbus.service']);
		try {
			await runtime.start('one', { cgroupsPath: ':sd:one' });
			expect(await runtime.cgroupsOf('one')).toEqual(['/system.slice/sd-one.scope']);
			await runtime.must('delete', '--force', 'one');
		} finally {
			await systemd.output(['systemctl', 'start', 'dbus.socket', 'dbus.service']);
		}
	});
});

describe('tsrun with the systemd driver', () => {
	const runtime = runtimeOf('tsrun');
	afterEach(async () => {
		await runtime.run('delete', '--force', 'one');
		expect(await nothingIsLeft()).toBe('');
	});

	it('leaves no unit when systemd ended it, and it is deleted', async () => {
		const annotations = { 'org.systemd.property.RuntimeMaxSec': '1', 'org.systemd.property.TimeoutStopSec': '1' };
		await runtime.start('one', { cgroupsPath: ':sd:one', annotations });
		await eventually(
			async () => JSON.parse((await runtime.must('state', 'one')).stdout) as { readonly status: string },
			({ status }) => status === 'stopped',
		);
		await runtime.must('delete', 'one');
		expect(await systemd.show('sd-one.scope')).toMatchObject({ LoadState: 'not-found' });
	});

	it('is refused where another has its name', async () => {
		await runtime.start('one', { cgroupsPath: ':sd:one' });
		const { exitCode, stderr } = await runtime.create('two', { cgroupsPath: ':sd:one' });
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/cgroup is not empty|already/)]);
		expect(JSON.parse((await runtime.must('state', 'one')).stdout)).toMatchObject({ status: 'running' });
	});

	it('is no unit that systemd wants to load again', async () => {
		await runtime.start('one', { cgroupsPath: ':sd:one' });
		expect(await systemd.show('sd-one.scope')).toMatchObject({
			NeedDaemonReload: 'no',
			CollectMode: 'inactive-or-failed',
		});
	});

	it('gives a container that may have one process one process', async () => {
		await runtime.start('one', { cgroupsPath: ':sd:one', resources: { pids: { limit: 1 } } });
		expect(await read('pids', '/system.slice/sd-one.scope', 'pids.max')).toBe('1');
		expect(await read('pids', '/system.slice/sd-one.scope', 'pids.current')).toBe('1');
	});

	it('says so where a unit has the name already', async () => {
		const args = ['systemd-run', '--quiet', '--scope', '--unit=sd-one', '--slice=sdother.slice', 'sleep', '1000'];
		const ended = once(spawn('setsid', [...systemd.words(args)], { stdio: 'ignore' }), 'exit');
		await eventually(
			() => systemd.show('sd-one.scope'),
			({ ActiveState }) => ActiveState === 'active',
		);
		const { exitCode, stderr } = await runtime.create('one', { cgroupsPath: ':sd:one' });
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('systemd has a unit sd-one.scope already')]);
		expect(await systemd.show('sd-one.scope')).toMatchObject({ ActiveState: 'active' });
		await systemd.output(['systemctl', 'stop', 'sd-one.scope']);
		await ended;
	});

	it('says what systemd says where it refuses', async () => {
		const annotations = { 'org.systemd.property.KillMode': "'no-such-mode'" };
		const { exitCode, stderr } = await runtime.create('one', { cgroupsPath: ':sd:one', annotations });
		expect([exitCode, stderr]).toEqual([
			1,
			expect.stringMatching(/systemd refuses StartTransientUnit: .*no-such-mode|KillMode/),
		]);
		expect((await runtime.run('state', 'one')).exitCode).toBe(1);
	});

	it('refuses what an annotation must not do, before systemd hears of it (CVE-2024-3154)', async () => {
		const annotations = { 'org.systemd.property.PIDs': '[uint32 1]' };
		const { exitCode, stderr } = await runtime.create('one', { cgroupsPath: ':sd:one', annotations });
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('is not allowed')]);
		expect(await systemd.output(['cat', '/proc/1/cgroup'])).toContain('/init.scope');
	});

	it('leaves no unit of a container in the foreground that the memory limit ended', async () => {
		configure({
			cgroupsPath: ':sd:one',
			resources: { memory: { limit: 16 * MIB } },
			args: ['alloc', '64'],
		});
		expect((await runtime.run('run', '--bundle', bundle, 'one')).exitCode).toBe(137);
		expect(await nothingIsLeft()).toBe('');
	});

	it(
		'leaves no unit, wherever it is killed',
		async () => {
			configure({ cgroupsPath: ':sd:one' });
			for (let moment = 0; moment < 24; moment += STRIDE) {
				const words = [TSRUN, '--root', sandbox.state, '--systemd-cgroup', 'create', '--bundle', bundle, 'one'];
				const [program = '', ...args] = systemd.words(['sh', '-c', 'echo $$; exec "$@"', 'sh', ...words]);
				const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
				const [line] = (await once(child.stdout, 'data')) as [Buffer];
				await sleep(10 * moment * SLOWNESS);
				await systemd.run(['kill', '-KILL', line.toString().trim()]);
				if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
				child.stdout.destroy();
				await runtime.run('delete', '--force', 'one');
				expect(await nothingIsLeft()).toBe('');
			}
		},
		120_000 * SLOWNESS,
	);
});

describe('on cgroup v2 alone', () => {
	const hybrid: Systemd[] = [];
	beforeAll(async () => {
		hybrid.push(systemd);
		systemd = await openSystemd('unified');
	});
	afterAll(async () => {
		await systemd.close();
		systemd = hybrid.pop() as Systemd;
	});

	it.each(['tsrun', 'runc'] as const)('a container of %s lives and ends in its scope', async name => {
		const runtime = runtimeOf(name);
		await runtime.start('one', { cgroupsPath: 'sdtest-a.slice:sd:one' });
		expect(await runtime.cgroupsOf('one')).toContain('/sdtest.slice/sdtest-a.slice/sd-one.scope');
		const known = await systemd.show('sd-one.scope');
		expect(known).toMatchObject({
			ActiveState: 'active',
			Delegate: 'yes',
			IOAccounting: 'yes',
			DevicePolicy: 'strict',
		});
		const words = ['exec', 'one', '/witness'];
		const { stdout } = await runtime.must(...words, 'read', '/proc/self/cgroup', '--', 'open', '/dev/null', 'w');
		expect(stdout).toContain('0::/sdtest.slice/sdtest-a.slice/sd-one.scope');
		expect(stdout).toMatch(/"open".*"errno":0/);
		await runtime.must('pause', 'one');
		expect(JSON.parse((await runtime.must('state', 'one')).stdout)).toMatchObject({ status: 'paused' });
		await runtime.must('resume', 'one');
		await runtime.must('delete', '--force', 'one');
		expect(await nothingIsLeft()).toBe('');
	});

	it('a container of tsrun in the foreground leaves no scope, nor does one that is killed', async () => {
		const runtime = runtimeOf('tsrun');
		configure({ cgroupsPath: ':sd:one', args: ['exit', '3'] });
		for (let round = 0; round < 3; round++)
			expect((await runtime.run('run', '--bundle', bundle, 'one')).exitCode).toBe(3);
		await runtime.start('one', { cgroupsPath: ':sd:one' });
		await runtime.must('kill', 'one', 'KILL');
		expect(await nothingIsLeft()).toBe('');
		await runtime.must('delete', '--force', 'one');
	});
});

describe('restore of tsrun with systemd’s driver', () => {
	const criuWorks = spawnSync('criu', ['check'], { stdio: 'ignore' }).status === 0;
	const runtime = runtimeOf('tsrun');
	const images = join(sandbox.dir, 'images');
	afterEach(async () => {
		await runtime.run('delete', '--force', 'one');
		expect(await nothingIsLeft()).toBe('');
	});

	it('where CRIU can: is in a new scope with the limits of the bundle, else: no scope is left', async () => {
		configure({ cgroupsPath: 'sdtest.slice:sd:before', resources: { memory: { limit: 64 * MIB } } });
		const words = systemd.words(['sh', '-c', 'exec "$@" >/dev/null 2>&1 </dev/null', 'sh']);
		await ociRuntime('tsrun', sandbox).must(['--systemd-cgroup', 'run', '--detach', '--bundle', bundle, 'one'], {
			wrapper: words,
		});
		const dump = await runtime.run('checkpoint', '--image-path', images, 'one');
		expect(dump.exitCode).toBe(criuWorks ? 0 : 1);
		if (!criuWorks) {
			await runtime.must('delete', '--force', 'one');
			mkdirSync(images, { recursive: true });
			writeFileSync(join(images, 'inventory.img'), '');
		}
		configure({ cgroupsPath: 'sdtest.slice:sd:after', resources: { memory: { limit: 96 * MIB } } });
		const restore = await runtime.run('restore', '--detach', '--image-path', images, '--bundle', bundle, 'one');
		if (!criuWorks) {
			expect(restore).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('criu failed: restore') });
			return;
		}
		expect(restore).toMatchObject({ exitCode: 0 });
		expect(await runtime.cgroupsOf('one')).toEqual(['/sdtest.slice/sd-after.scope']);
		expect(await systemd.show('sd-after.scope')).toMatchObject({
			ActiveState: 'active',
			[MEMORY_MAX]: String(96 * MIB),
		});
		expect(await read('memory', '/sdtest.slice/sd-after.scope', MEMORY_FILE)).toBe(String(96 * MIB));
	});
});
