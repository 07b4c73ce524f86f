import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { createSandbox, runTsrun, type TsrunOptions, type TsrunResult } from './support/run-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

const run = (
	flags: readonly string[],
	words: readonly string[] = ['report'],
	options: TsrunOptions = {},
): Promise<TsrunResult> => runTsrun(sandbox, ['run', '--rm', ...flags, image, ...words], options);

const DOCKER_CAPABILITIES = '00000000a80425fb';

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		config: { Env: ['FROM_IMAGE=yes'], WorkingDir: '/tmp', Volumes: { '/volume': {} } },
		files: [
			{ name: 'volume/', mode: 0o755 },
			{ name: 'volume/seed', data: 'from the image' },
			{ name: 'etc/hosts', linkname: '/canary' },
		],
	});
	// The first run extracts the layers, which stay.
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

describe('a container by default', () => {
	it('has all namespaces but user and time of its own', async () => {
		const { report } = (await run([])).witness;
		const own = (path: string) => readlinkSync(path);
		for (const name of ['mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup'] as const)
			expect(report.namespaces[name]).not.toBe(own(`/proc/self/ns/${name}`));
		for (const name of ['user', 'time'] as const) expect(report.namespaces[name]).toBe(own(`/proc/self/ns/${name}`));
	});

	it('with --rm ends without writing its files to the disk, and without it does write them', async () => {
		const optionsOfRoot = ({ witness }: TsrunResult) =>
			witness.report.mounts
				.find(line => line.split(' ')[4] === '/')
				?.split(' ')
				.at(-1);
		expect(optionsOfRoot(await run([]))).toMatch(/\bvolatile\b/);
		const kept = await runTsrun(sandbox, ['run', '--name', 'kept', image, 'report']);
		expect(optionsOfRoot(kept)).not.toMatch(/\bvolatile\b/);
		expect((await runTsrun(sandbox, ['rm', '-v', 'kept'])).exitCode).toBe(0);
	});

	it('is pid 1 of its own session, as root with docker’s capabilities and seccomp profile', async () => {
		const { report } = (await run([])).witness;
		expect(report).toMatchObject({
			pid: 1,
			sid: 1,
			uids: [0, 0, 0],
			gids: [0, 0, 0],
			noNewPrivs: 0,
			seccomp: 2,
			seccompFilters: 1,
			umask: 0o022,
			parentDeathSignal: 9,
		});
		expect(report.capabilities).toEqual({
			effective: DOCKER_CAPABILITIES,
			permitted: DOCKER_CAPABILITIES,
			bounding: DOCKER_CAPABILITIES,
			inheritable: '0000000000000000',
			ambient: '0000000000000000',
		});
	});

	it('holds no descriptor but its standard streams, also when the caller had more (CVE-2024-21626)', async () => {
		const { report } = (
			await run([], ['report'], { wrapper: ['bash', '-c', 'exec 5</etc 200</proc 250</etc/passwd; exec "$@"', 'bash'] })
		).witness;
		expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2]);
		expect(report.fds[0]?.target).toBe('/dev/null');
	});

	it('has the image’s environment and working directory, and none of the caller’s (CVE-2021-21334)', async () => {
		const { report } = (await run(['-e', 'MINE=1'], ['report'], { env: { SECRET: 'x', LD_PRELOAD_X: 'y' } })).witness;
		expect([...report.env].sort()).toEqual(
			[
				'FROM_IMAGE=yes',
				'HOME=/root',
				`HOSTNAME=${report.hostname}`,
				'MINE=1',
				'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
			].sort(),
		);
		expect(report.cwd).toBe('/tmp');
	});

	it('sees its own root, proc, a read-only sys and cgroup, and docker’s devices', async () => {
		const { report } = (await run([])).witness;
		const targets = report.mounts.map(line => line.split(' ')[4]);
		expect(targets).toEqual(
			expect.arrayContaining([
				'/',
				'/proc',
				'/dev',
				'/dev/pts',
				'/dev/shm',
				'/dev/mqueue',
				'/sys',
				'/sys/fs/cgroup',
				'/canary',
				'/etc/hostname',
				'/etc/resolv.conf',
			]),
		);
		expect(report.mounts.find(line => line.split(' ')[4] === '/sys')?.split(' ')[5]).toMatch(/^ro,/);
		const nodes = report.dev
			.filter(({ type }) => type === 'c')
			.map(({ path, major, minor }) => `${path} ${major}:${minor}`);
		expect(nodes).toEqual(
			expect.arrayContaining([
				'/dev/null 1:3',
				'/dev/zero 1:5',
				'/dev/full 1:7',
				'/dev/random 1:8',
				'/dev/urandom 1:9',
				'/dev/tty 5:0',
			]),
		);
	});

	it('writes none of its files through a link of the image (CVE-2025-24965)', async () => {
		// etc/hosts of this image is a link to /canary: the bind lands in the container's root.
		const { stdout, exitCode } = await run(['--entrypoint', '/bin/busybox'], ['cat', '/etc/hosts']);
		expect(exitCode).toBe(0);
		expect(stdout).toMatch(/^127\.0\.0\.1\s+localhost/);
	});

	it('has a loopback interface that is up, and no other', async () => {
		const { stdout } = await run(['--entrypoint', '/bin/busybox'], ['ip', '-o', 'addr']);
		expect(stdout).toMatch(/127\.0\.0\.1/);
		expect(stdout).not.toMatch(/^2:/m);
	});

	it('has volumes inside volumes', async () => {
		const flags = ['-v', '/volume/inner', '-v', '/volume/inner/deep', '--entrypoint', '/bin/sh'];
		const { stdout } = await run(flags, [
			'-c',
			'cat /volume/seed; echo -n a >/volume/inner/deep/b && cat /volume/inner/deep/b',
		]);
		expect(stdout).toBe('from the imagea');
	});

	it('starts an anonymous volume with what the image has there', async () => {
		const { stdout } = await run(
			['--read-only', '--entrypoint', '/bin/sh'],
			['-c', 'cat /volume/seed; echo more >/volume/new && cat /volume/new'],
		);
		expect(stdout).toBe('from the imagemore\n');
	});
});

describe('exit codes are docker’s', () => {
	it.each([
		['the program’s own', ['exit', '7'], 7],
		['128 + n for signal n', ['signal', '6'], 128 + 6],
		['137 for SIGKILL', ['signal', '9'], 137],
	])('%s', async (_, words, code) => {
		expect((await run(['--init'], words)).exitCode).toBe(code);
	});

	it.each([
		['127 for a command that is not there', ['nosuch'], 127, /command "nosuch" not found in the container/],
		['127 for a path that is not there', ['/no/such'], 127, /no such file in the container: \/no\/such/],
		[
			'126 for a file without x permission',
			['/etc/passwd'],
			126,
			/\/etc\/passwd: it has no x permission \(mode 0644\)/,
		],
		['126 for a directory', ['/etc'], 126, /\/etc: it is a directory/],
	])('%s', async (_, words, code, message) => {
		const result = await run(['--entrypoint', ''], words);
		expect(result.stderr).toMatch(message);
		expect(result.exitCode).toBe(code);
	});

	it('125 for a flag that is wrong, before anything is touched', async () => {
		const result = await run(['--memory', '12q']);
		expect(result.exitCode).toBe(125);
		expect(result.stderr).toMatch(/--memory.*12q/);
	});
});

describe('flags change what the container is', () => {
	it('--user with a name takes uid, gid and groups from the image', async () => {
		const { report } = (await run(['-u', 'guest'])).witness;
		expect(report).toMatchObject({ uids: [1000, 1000, 1000], gids: [1000, 1000, 1000], groups: [1000, 2000] });
		expect(report.capabilities.effective).toBe('0000000000000000');
		expect(report.capabilities.ambient).toBe('0000000000000000');
	});

	it('--userns private maps root to an unprivileged id, on disk and in /proc', async () => {
		const result = await run(['--userns', 'private:300000:65536']);
		const { report } = result.witness;
		expect(report.uids).toEqual([0, 0, 0]);
		expect(report.uidMap.map(line => line.trim().split(/\s+/))).toEqual([['0', '300000', '65536']]);
		expect(report.root).toMatchObject({ uid: 0, gid: 0 });
		const written = await run(
			['--userns', 'private:300000:65536', '--entrypoint', '/bin/sh', '-v', `${sandbox.dir}:/host`],
			['-c', 'id -u; ls -n /bin/busybox; echo x >/made && ls -n /made'],
		);
		expect(written.stdout).toMatch(/^0\n.* 0 +0 .*\/bin\/busybox\n.* 0 +0 .*\/made\n/s);
	});

	it('--hostname, --domainname, --workdir, --read-only, --tmpfs, --shm-size, --ulimit', async () => {
		const { report } = (
			await run([
				'--hostname',
				'box',
				'--domainname',
				'test',
				'-w',
				'/made/for/it',
				'--tmpfs',
				'/scratch:size=1m',
				'--shm-size',
				'1m',
				'--ulimit',
				'nofile=100:200',
				'--read-only',
			])
		).witness;
		expect(report).toMatchObject({ hostname: 'box', domainname: 'test', cwd: '/made/for/it' });
		expect(report.rlimits.nofile).toEqual([100, 200]);
		const mount = (target: string) => report.mounts.find(line => line.split(' ')[4] === target) ?? '';
		expect(mount('/')).toMatch(/ \/ ro,/);
		expect(mount('/scratch')).toMatch(/size=1024k/);
		expect(mount('/dev/shm')).toMatch(/size=1024k/);
	});

	it('-v binds a host directory, ro refuses writes', async () => {
		writeFileSync(join(sandbox.dir, 'shared.txt'), 'shared');
		const result = await run(
			['-v', `${sandbox.dir}:/host:ro`, '--entrypoint', '/bin/sh'],
			['-c', 'cat /host/shared.txt; echo x >/host/no || echo refused'],
		);
		expect(result.stdout).toMatch(/^sharedrefused/);
		rmSync(join(sandbox.dir, 'shared.txt'));
	});

	it('--network host and --pid host share the host’s namespaces', async () => {
		const { report } = (await run(['--network', 'host', '--pid', 'host'])).witness;
		expect(report.namespaces.net).toBe(readlinkSync('/proc/self/ns/net'));
		expect(report.namespaces.pid).toBe(readlinkSync('/proc/self/ns/pid'));
	});

	it('--cap-add, --cap-drop, no-new-privileges and seccomp=unconfined', async () => {
		const { report } = (
			await run([
				'--cap-drop',
				'ALL',
				'--cap-add',
				'NET_ADMIN',
				'--security-opt',
				'no-new-privileges',
				'--security-opt',
				'seccomp=unconfined',
			])
		).witness;
		expect(report.capabilities.effective).toBe('0000000000001000');
		expect(report).toMatchObject({ noNewPrivs: 1, seccomp: 0 });
	});

	it('--privileged gives every capability that tsrun has itself, and hides nothing', async () => {
		const held = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
		const { report } = (await run(['--privileged'])).witness;
		expect(report.capabilities.effective).toBe(held);
		expect(report.seccomp).toBe(0);
		expect(report.mounts.some(line => line.split(' ')[4] === '/proc/sys')).toBe(false);
	});

	it('--init puts a reaper at pid 1, which reaps orphans and passes the exit code on', async () => {
		const { report } = (await run(['--init'])).witness;
		expect(report.pid).toBe(2);
		expect(report.ppid).toBe(1);
		expect((await run(['--init'], ['zombies'])).witness.actions[0]).toMatchObject({ reaped: 1 });
	});

	it('-i passes standard input on', async () => {
		expect((await run(['-i', '--entrypoint', '/bin/busybox'], ['cat'], { input: 'one\ntwo\n' })).stdout).toBe(
			'one\ntwo\n',
		);
	});

	it('--sysctl sets a parameter of the container’s own namespaces', async () => {
		const { stdout } = await run(
			['--sysctl', 'net.ipv4.ip_default_ttl=42', '--entrypoint', '/bin/busybox'],
			['cat', '/proc/sys/net/ipv4/ip_default_ttl'],
		);
		expect(stdout).toBe('42\n');
	});

	it('--device makes the node and lets it be used; others cannot be opened', async () => {
		const result = await run(
			['--device', '/dev/loop-control:/dev/mine', '--entrypoint', '/bin/sh'],
			['-c', 'ls -l /dev/mine; mknod /tmp/kmsg c 1 11 && head -c1 /tmp/kmsg || echo refused'],
		);
		expect(result.stdout).toMatch(/10, 237.*\/dev\/mine/);
		expect(result.stdout).toMatch(/refused/);
	});

	it('--cidfile holds the id, and an old one is not overwritten', async () => {
		const file = join(sandbox.dir, 'cid');
		expect((await run(['--cidfile', file], ['exit', '0'])).exitCode).toBe(0);
		expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}$/);
		const second = await run(['--cidfile', file], ['exit', '0']);
		expect(second.exitCode).toBe(125);
		expect(second.stderr).toMatch(/container id file .* is there already/);
		rmSync(file);
	});
});
