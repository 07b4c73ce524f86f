import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openBox } from './support.ts';

const { sandbox, tsrun, output, statusOf, shell } = openBox({ isAudited: false });

interface Inspected {
	readonly [key: string]: unknown;
	readonly State: { readonly Pid: number; readonly StartedAt: string; readonly FinishedAt: string };
	readonly ResolvConfPath: string;
	readonly HostnamePath: string;
}

async function inspect(...words: readonly string[]): Promise<readonly Inspected[]> {
	return JSON.parse(await output('inspect', ...words)) as Inspected[];
}

describe('inspect of a container', () => {
	it('that runs has docker’s shape', async () => {
		mkdirSync(`${sandbox.dir}/shared`, { recursive: true });
		const id = await shell(
			'c1',
			'sleep 100',
			...['-m', '64m', '--cpus', '0.5', '--restart', 'on-failure:2', '-l', 'kind=test', '-h', 'inside', '-u', 'guest'],
			...[
				'-v',
				`${sandbox.dir}/shared:/shared:ro`,
				'-v',
				'data:/data',
				'--stop-signal',
				'INT',
				'-e',
				'A=b',
				'-w',
				'/tmp',
			],
		);
		const [container, ...others] = await inspect('c1');
		expect(others).toEqual([]);
		expect(container).toMatchObject({
			Id: id,
			Name: '/c1',
			Path: 'sh',
			Args: ['-c', 'sleep 100'],
			Image: `sha256:${(await output('images', '-q', '--no-trunc')).replace(/^sha256:/, '')}`,
			RestartCount: 0,
			State: {
				Status: 'running',
				Running: true,
				Paused: false,
				OOMKilled: false,
				Pid: (await statusOf('c1'))?.pid,
				ExitCode: 0,
				FinishedAt: '0001-01-01T00:00:00Z',
			},
			Config: {
				Hostname: 'inside',
				Image: 'box',
				Labels: { kind: 'test' },
				StopSignal: 'SIGINT',
				WorkingDir: '/tmp',
				Env: expect.arrayContaining(['A=b']),
			},
			HostConfig: {
				Memory: 64 << 20,
				CpuPeriod: 100_000,
				CpuQuota: 50_000,
				NetworkMode: 'none',
				RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
				Binds: ['data:/data', `${sandbox.dir}/shared:/shared:ro`],
			},
			Mounts: [
				{ Type: 'volume', Name: 'data', Destination: '/data', RW: true },
				{ Type: 'bind', Source: `${sandbox.dir}/shared`, Destination: '/shared', RW: false },
			],
		});
		const { State, HostnamePath } = container as Inspected;
		expect(Math.abs(Date.parse(State.StartedAt) - Date.now())).toBeLessThan(60_000);
		expect(readFileSync(HostnamePath, 'utf8')).toBe('inside\n');
		expect(readFileSync(`/proc/${State.Pid}/cmdline`, 'utf8')).toBe('sleep\x00100\x00');
		await output('pause', 'c1');
		expect(await output('inspect', '-f', '{{.State.Status}} {{.State.Paused}}', 'c1')).toBe('paused true');
		await output('unpause', 'c1');
	});

	it('that was killed at its limit of memory still says so after the end', async () => {
		await shell('greedy', 'x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo no', '-m', '20m');
		await shell('modest', 'exit 3', '-m', '20m');
		expect(await output('wait', 'greedy', 'modest')).toBe('137\n3');
		const format = '{{.Name}} {{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Pid}}';
		expect(await output('inspect', '-f', format, 'greedy', 'modest')).toBe('/greedy true 137 0\n/modest false 3 0');
	});

	it('counts what it has written with --size', async () => {
		await shell('c1', 'head -c 100000 /dev/zero > /tmp/big; exec sleep 100');
		expect((await inspect('c1'))[0]).not.toHaveProperty('SizeRw');
		await output('exec', 'c1', 'sh', '-c', 'while [ $(wc -c < /tmp/big) != 100000 ]; do :; done');
		expect(Number(await output('inspect', '-s', '-f', '{{.SizeRw}}', 'c1'))).toBeGreaterThanOrEqual(100_000);
	});
});

describe('a name', () => {
	it('is first of a container, then of an image; --type and the groups say which', async () => {
		await shell('box', 'sleep 100');
		expect(await output('inspect', '-f', '{{.Name}}', 'box')).toBe('/box');
		expect(await output('container', 'inspect', '-f', '{{.Name}}', 'box')).toBe('/box');
		expect(await output('inspect', '--type', 'image', '-f', '{{.Os}}', 'box')).toBe('linux');
		expect(await output('image', 'inspect', '-f', '{{.Os}}', 'box')).toBe('linux');
	});

	it.each([
		[['inspect', 'nobody'], 'no such object: nobody'],
		[['inspect', '--type', 'container', 'nobody'], 'no such container: nobody'],
		[['container', 'inspect', 'nobody'], 'no such container: nobody'],
		[['image', 'inspect', 'nobody'], 'no image "nobody"'],
	])('that nothing has: %j', async (words, text) => {
		const { exitCode, stdout, stderr } = await tsrun(words);
		expect([exitCode, stdout.trim()]).toEqual([1, '[]']);
		expect(stderr).toContain(text);
	});

	it('that nothing has does not keep back what others have', async () => {
		await shell('c1', 'exit 0');
		const { exitCode, stdout, stderr } = await tsrun(['inspect', '-f', '{{.Name}}', 'nobody', 'c1']);
		expect([exitCode, stdout.trim()]).toEqual([1, '/c1']);
		expect(stderr).toContain('no such object: nobody');
	});
});
