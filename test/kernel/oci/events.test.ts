import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { eventually, ociRuntime, type RuntimeName, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

const MIB = 1024 ** 2;
const WITHOUT_SWAP = { memory: { limit: 32 * MIB, swap: 32 * MIB }, pids: { limit: 20 } };

/** `events` at work: its lines so far, and its end. */
function watch(name: RuntimeName, root: string, words: readonly string[]) {
	const child = spawn(name === 'tsrun' ? TSRUN : 'runc', ['--root', root, 'events', ...words], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const lines: string[] = [];
	createInterface({ input: child.stdout }).on('line', line => lines.push(line));
	return { lines, ended: once(child, 'close') };
}

describe.each(['tsrun', 'runc'] as const)('events of a container of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `events-${name}`;
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const start = async (): Promise<void> => {
		const config = bundleConfig('sleep', '1000');
		writeConfig(bundle, { ...config, linux: { ...config.linux, resources: WITHOUT_SWAP } });
		await runtime.must(['run', '--detach', '--bundle', bundle, id]);
	};

	it('--stats is one line with what is counted and what is allowed', async () => {
		await start();
		const { stdout } = await runtime.must(['events', '--stats', id]);
		expect(stdout).toMatch(/^\{"type":"stats","id":"[^"]+","data":\{"cpu":\{"usage":.*\}\}\n$/);
		const { data } = JSON.parse(stdout);
		expect(data.memory.usage).toMatchObject({ limit: 32 * MIB, usage: expect.any(Number) });
		expect(data.memory.raw).toBeTypeOf('object');
		expect(data.pids).toEqual({ current: 1, limit: 20 });
		expect(data.cpu.usage.total).toBeGreaterThan(0);
	});

	it('come at each interval, and end with the container', async () => {
		await start();
		const { lines, ended } = watch(name, runtime.root, ['--interval', '100ms', id]);
		await eventually(() => (lines.length >= 3 ? true : undefined));
		await runtime.must(['delete', '--force', id]);
		expect((await ended)[0]).toBe(0);
		for (const line of lines) expect(JSON.parse(line)).toMatchObject({ type: 'stats', id });
	});

	it('tell of a kill at the memory limit', async () => {
		await start();
		const { lines, ended } = watch(name, runtime.root, ['--interval', '100ms', id]);
		await eventually(() => (lines.length > 0 ? true : undefined));
		expect(lines.join()).not.toContain('oom"');
		await runtime.run(['exec', id, '/witness', 'alloc', '300']);
		await eventually(() => (lines.includes(`{"type":"oom","id":"${id}"}`) ? true : undefined));
		await runtime.must(['delete', '--force', id]);
		expect((await ended)[0]).toBe(0);
	});

	it('are refused where the container has ended, and with an interval that is none', async () => {
		await start();
		const none = await runtime.run(['events', '--interval', '0s', id]);
		expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('greater than 0')]);
		await runtime.must(['kill', id, 'KILL']);
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		const { exitCode, stderr } = await runtime.run(['events', id]);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`container with id ${id} is not running`)]);
	});
});
