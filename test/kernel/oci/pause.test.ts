import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { cgroupDirectory, hierarchyOf } from '../support/container-cgroup.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

/** CPU time of a process, in ticks: user and system (proc(5), fields 14 and 15). */
function ticksOf(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return Number(fields[11]) + Number(fields[12]);
}

describe.each(['tsrun', 'runc'] as const)('a paused container of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `pause-${name}`;
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const startBurning = async (): Promise<number> => {
		writeConfig(bundle, bundleConfig('burn', '1000000'));
		await runtime.must(['run', '--detach', '--bundle', bundle, id]);
		const { pid } = await runtime.state(id);
		await eventually(() => (ticksOf(pid) > 0 ? true : undefined));
		return pid;
	};
	/** runc gives up soon where v1 does not come to rest on a busy machine. */
	const pause = async (): Promise<void> => {
		if (name === 'tsrun') await runtime.must(['pause', id]);
		else await eventually(async () => ((await runtime.run(['pause', id])).exitCode === 0 ? true : undefined));
	};
	const refused = async (command: string, words: string): Promise<void> => {
		const { exitCode, stderr } = await runtime.run([command, id]);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining(words)]);
	};

	it('uses no CPU until it is resumed', async () => {
		const pid = await startBurning();
		await pause();
		expect((await runtime.state(id)).status).toBe('paused');
		const ticks = ticksOf(pid);
		await new Promise(done => setTimeout(done, 300));
		expect(ticksOf(pid)).toBe(ticks);
		await runtime.must(['resume', id]);
		expect((await runtime.state(id)).status).toBe('running');
		await eventually(() => (ticksOf(pid) > ticks ? true : undefined));
	});

	it('is neither paused again nor, once it runs, resumed again', async () => {
		await startBurning();
		await pause();
		await refused('pause', 'container not running');
		await runtime.must(['resume', id]);
		await refused('resume', 'container not paused');
	});

	it('stays paused while its limits are updated', async () => {
		const pid = await startBurning();
		await pause();
		await runtime.must(['update', '--pids-limit', '30', id]);
		expect((await runtime.state(id)).status).toBe('paused');
		const ticks = ticksOf(pid);
		await new Promise(done => setTimeout(done, 100));
		expect(ticksOf(pid)).toBe(ticks);
	});

	it('is ended by kill and by delete --force', async () => {
		const pid = await startBurning();
		const cgroup = cgroupDirectory(pid, 'freezer');
		await pause();
		await runtime.must(['kill', id, 'KILL']);
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		await refused('pause', 'container not running');
		await refused('resume', 'container not paused');
		await runtime.must(['delete', id]);
		await startBurning();
		await pause();
		await runtime.must(['delete', '--force', id]);
		expect(existsSync(cgroup)).toBe(false);
	});

	it.each(['pause', 'resume'])('%s says that there is no such container', async command => {
		const { exitCode, stderr } = await runtime.run([command, 'nobody']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('does not exist')]);
	});
});

describe('a container that somebody else has frozen', () => {
	const runtime = ociRuntime('tsrun', sandbox);
	const id = 'frozen-by-hand';
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});

	it('is paused, and can be ended', async () => {
		for (const end of [
			['kill', id, 'KILL'],
			['delete', '--force', id],
		]) {
			writeConfig(bundle, bundleConfig('sleep', '1000'));
			await runtime.must(['run', '--detach', '--bundle', bundle, id]);
			const { pid } = await runtime.state(id);
			const freezer = cgroupDirectory(pid, 'freezer');
			if (hierarchyOf('freezer').isV1) writeFileSync(`${freezer}/freezer.state`, 'FROZEN');
			else writeFileSync(`${freezer}/cgroup.freeze`, '1');
			expect((await runtime.state(id)).status).toBe('paused');
			await runtime.must(end);
			if (end[0] === 'kill') {
				await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
				await runtime.must(['delete', id]);
			}
		}
	});
});
