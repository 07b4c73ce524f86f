import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

describe.each(['tsrun', 'runc'] as const)('ps of a container of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `ps-${name}`;
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const start = async (): Promise<number> => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		await runtime.must(['run', '--detach', '--bundle', bundle, id]);
		await runtime.must(['exec', '--detach', id, '/witness', 'sleep', '1000']);
		return (await runtime.state(id)).pid;
	};

	it('lists its processes and no other, as numbers of the host', async () => {
		const pid = await start();
		const pids = JSON.parse((await runtime.must(['ps', '--format', 'json', id])).stdout) as readonly number[];
		expect(pids).toHaveLength(2);
		expect(pids).toContain(pid);
		const lines = (await runtime.must(['ps', id])).stdout.trimEnd().split('\n');
		expect(lines[0]).toMatch(/^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
		expect(
			lines
				.slice(1)
				.map(line => Number(line.split(/\s+/)[1]))
				.sort(),
		).toEqual([...pids].sort());
		for (const line of lines.slice(1)) expect(line).toMatch(/\/witness sleep 1000$/);
	});

	it('passes on what follows the id', async () => {
		const pid = await start();
		const lines = (await runtime.must(['ps', id, '-e', '-x'])).stdout.trimEnd().split('\n');
		expect(lines[0]).toMatch(/PID +TTY +STAT +TIME +COMMAND$/);
		expect(lines.slice(1).map(line => Number(line.trim().split(/\s+/)[0]))).toContain(pid);
		const { exitCode, stderr } = await runtime.run(['ps', id, '-o', 'comm']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining("couldn't find PID field in ps output")]);
	});

	it('lists nothing of one that has ended', async () => {
		await start();
		await runtime.must(['kill', id, 'KILL']);
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		expect((await runtime.must(['ps', id])).stdout.trimEnd().split('\n')).toHaveLength(1);
	});
});

describe('ps', () => {
	const runtime = ociRuntime('tsrun', sandbox);

	it('is the host’s own program, whatever PATH the caller has', async () => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		await runtime.must(['run', '--detach', '--bundle', bundle, 'ps-path']);
		const node = process.execPath.replace(/\/[^/]+$/, '');
		expect((await runtime.must(['ps', 'ps-path'], { env: { PATH: node } })).stdout).toMatch(/witness sleep 1000\n$/);
		await runtime.must(['delete', '--force', 'ps-path']);
	});

	it('without an id lists the containers', async () => {
		expect((await runtime.must(['ps'])).stdout).toMatch(/^CONTAINER ID/);
	});
});
