import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';
import { parseWitness } from '../support/witness.ts';
import { auditProcess } from './support/audit-process.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const runtime = ociRuntime('tsrun', sandbox);
const ROOT = resolve(import.meta.dirname, '../../..');
/** Descriptors that a careless caller leaves open. */
const CARELESS = ['bash', '-c', 'for fd in {3..40}; do eval "exec $fd</"; done; exec "$@"', 'bash'];
const NUMBERS = [3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 40];

beforeAll(() => {
	copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
	writeFileSync(join(bundle, 'rootfs/trojan'), '#!/proc/self/exe run\n', { mode: 0o755 });
	symlinkSync('/proc/self/fd', join(bundle, 'rootfs/descriptors'));
});
afterAll(() => sandbox.remove());

describe('a process that is added to a container', () => {
	beforeAll(async () => {
		const config = bundleConfig('sleep', '1000');
		config.process.capabilities.bounding.push('CAP_SYS_PTRACE');
		config.process.capabilities.effective.push('CAP_SYS_PTRACE');
		config.process.capabilities.permitted.push('CAP_SYS_PTRACE');
		writeConfig(bundle, config);
		await runtime.must(['run', '-d', '--bundle', bundle, 'victim']);
	});
	afterAll(async () => {
		await runtime.run(['delete', '--force', 'victim']);
	});
	const hashes = () =>
		[process.execPath, TSRUN, ...['tsrun-init', 'tsrun.node'].map(name => join(ROOT, 'build/Release', name))].map(
			file => createHash('sha256').update(readFileSync(file)).digest('hex'),
		);

	it('is given no descriptor of a careless caller, nor of tsrun (CVE-2016-8649)', async () => {
		const { stdout } = await runtime.must(['exec', 'victim', '/witness'], { wrapper: CARELESS });
		expect(parseWitness(stdout).report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2]);
	});

	it('has no working directory outside, whatever number of a descriptor is asked for (CVE-2024-21626)', async () => {
		for (const cwd of NUMBERS.flatMap(fd => [`/proc/self/fd/${fd}`, `/descriptors/${fd}`]).slice(0, 12)) {
			const { exitCode, stdout } = await runtime.run(['exec', '--cwd', cwd, 'victim', '/witness'], {
				wrapper: CARELESS,
			});
			expect([cwd, exitCode, stdout]).toEqual([cwd, 255, '']);
		}
	});

	it('runs no program of the host by the number of a descriptor', async () => {
		for (const fd of NUMBERS.slice(0, 5)) {
			const words = ['exec', 'victim', `/proc/self/fd/${fd}`];
			expect(await runtime.run(words, { wrapper: CARELESS })).toMatchObject({ exitCode: 255, stdout: '' });
		}
	});

	it('leads nobody to the runtime’s own program (CVE-2019-5736)', async () => {
		const before = hashes();
		for (const program of ['/trojan', '/proc/self/exe']) {
			expect(await runtime.run(['exec', 'victim', program])).toMatchObject({ stdout: '' });
		}
		const wanted = ['write', '/proc/1/exe', 'x', '--', 'open', '/proc/1/exe', '1'];
		const { stdout } = await runtime.run(['exec', 'victim', '/witness', ...wanted]);
		for (const { errno } of parseWitness(stdout).actions) expect(errno).not.toBe(0);
		expect(hashes()).toEqual(before);
	});

	it('cannot be traced or looked into before it runs its program, by who may trace all else (CVE-2016-9962)', async () => {
		const watch = [
			'end=$(( $(/bin/busybox date +%s) + 6 )); seen=0',
			'while [ $(/bin/busybox date +%s) -lt $end ]; do for p in /proc/[0-9]*; do',
			'case "$(/bin/busybox readlink $p/exe 2>/dev/null)" in */memfd:tsrun-init*|/memfd:tsrun-init*) for f in $p/fd/[3-9]* $p/root; do',
			'/bin/busybox readlink $f 2>/dev/null | /bin/busybox grep -q "^/[a-z]" && echo LEAK $p $f; done;; esac; done; done; echo end',
		].join('\n');
		const watcher = runtime.run(['exec', 'victim', '/bin/busybox', 'sh', '-c', watch]);
		for (let round = 0; round < 15; round++) await runtime.run(['exec', 'victim', '/witness', 'exit', '0']);
		expect((await watcher).stdout).toBe('end\n');
	});

	it('has the environment of the configuration and no other (CVE-2021-21334)', async () => {
		const { stdout } = await runtime.must(['exec', 'victim', '/witness'], { env: { SECRET: 'hush' } });
		expect(parseWitness(stdout).report.env).toEqual(['PATH=/bin', 'HOME=/']);
	});
});

describe('a created container', () => {
	afterEach(async () => {
		await runtime.run(['delete', '--force', 'waiting']);
	});
	const withProcess = (change: Config): Config => {
		const config = bundleConfig('sleep', '100');
		return { ...config, process: { ...config.process, ...change } };
	};

	it.each(NUMBERS.slice(0, 4))('is refused the working directory /proc/self/fd/%i (CVE-2024-21626)', async fd => {
		writeConfig(bundle, withProcess({ cwd: `/proc/self/fd/${fd}` }));
		const { exitCode } = await runtime.run(['create', '--bundle', bundle, 'waiting'], { wrapper: CARELESS });
		expect(exitCode).toBe(1);
		expect((await runtime.run(['state', 'waiting'])).exitCode).toBe(1);
	});

	it('holds its streams and the fifo of its start, and nothing that its caller had open', async () => {
		writeConfig(bundle, withProcess({}));
		await runtime.must(['create', '--bundle', bundle, 'waiting'], { wrapper: CARELESS });
		const { pid } = await runtime.state('waiting');
		const targets = Object.values(auditProcess(pid).fds).slice(3);
		expect(targets.filter(target => target.startsWith('/'))).toEqual([join(runtime.root, 'waiting', 'exec.fifo')]);
		expect(readdirSync(`/proc/${pid}/fd`).length).toBeLessThanOrEqual(6);
	});
});
