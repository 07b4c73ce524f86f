import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle, runBundle } from './support/bundle.ts';
import { compileProgram } from './support/compile-program.ts';
import { createSandbox } from './support/run-tsrun.ts';

const ENOMEDIUM = 123;
const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

function config(listenerPath: string, noNewPrivileges = false): Config {
	const result = bundleConfig('mkdir', '/tmp/made', '--', 'read', '/proc/self/status');
	result.process.noNewPrivileges = noNewPrivileges;
	result.annotations = { 'org.example.a': 'b' };
	result.linux.seccomp = {
		defaultAction: 'SCMP_ACT_ALLOW',
		architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
		flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],
		listenerPath,
		listenerMetadata: 'bar',
		syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }],
	};
	return result;
}

async function startAgent(path: string) {
	const agent = spawn(compileProgram('seccomp-agent.c'), [path, String(ENOMEDIUM)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let output = '';
	agent.stdout.on('data', (chunk: Buffer) => {
		output += chunk.toString();
	});
	while (!output.includes('ready')) await once(agent.stdout, 'data');
	return { agent, lines: () => output.split('\n') };
}

describe('a seccomp agent', () => {
	it.each([false, true])(
		'gets the descriptor and the state of the container, and answers; no new privileges: %s',
		async late => {
			const path = join(sandbox.dir, `agent-${late}.sock`);
			const { agent, lines } = await startAgent(path);
			const { error, exitCode, witness } = await runBundle(sandbox, bundle, config(path, late));
			expect([error, exitCode]).toEqual([undefined, 0]);
			expect(witness.actions[0]).toMatchObject({ action: 'mkdir', errno: ENOMEDIUM });
			if (agent.exitCode === null) agent.kill();
			const [, state = '', after] = lines();
			expect(JSON.parse(state)).toMatchObject({
				ociVersion: '1.0.2',
				fds: ['seccompFd'],
				metadata: 'bar',
				state: { status: 'creating', bundle, annotations: { 'org.example.a': 'b' } },
			});
			const { pid, state: told } = JSON.parse(state) as {
				readonly pid: number;
				readonly state: { readonly pid: number };
			};
			expect(pid).toBeGreaterThan(1);
			expect(told.pid).toBe(pid);
			expect(after).toBe('closed');
		},
	);

	it('is told of with its field where nobody listens', async () => {
		const { error } = await runBundle(sandbox, bundle, config(join(sandbox.dir, 'nobody.sock')));
		expect(error?.message).toMatch(
			/^cannot connect to the seccomp agent \S+nobody\.sock \(init step \d+, \/linux\/seccomp\/listenerPath\): no such file/,
		);
		expect(error?.hint).toContain('failed to connect with seccomp agent');
	});
});
