import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeRawLayout } from '../../rootfs-fixtures/raw-layout.ts';
import { type TarEntry, tarArchive } from '../../rootfs-fixtures/tar-archive.ts';
import { compileProgram } from './support/compile-program.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { PRIVATE_MOUNTS } from './support/private-mounts.ts';
import { createSandbox, runTsrun, type TsrunOptions } from './support/run-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
const at = (name: string): string => join(sandbox.dir, name);
let before: HostState;

interface Bad {
	readonly flags?: readonly string[];
	/** The good image, where none is told. */
	readonly image?: () => string;
	readonly command?: readonly string[];
	readonly options?: TsrunOptions;
	readonly exitCode?: number;
	/** What the one line says; the hint is its own. */
	readonly says: RegExp;
	readonly hints?: RegExp;
}

/** One clause that names the object, perhaps a hint, docker's exit code, and nothing left. */
async function expectRefusal({ flags = [], image = goodImage, command = ['true'], options, ...expected }: Bad) {
	const { exitCode, stdout, stderr } = await runTsrun(sandbox, ['run', '--rm', ...flags, image(), ...command], options);
	// a step that failed stands between them, as the plan has it
	const [message, hint, ...more] = stderr
		.replace(/^ {2}step: \w+\(.*\)\n/m, '')
		.replace(/\n$/, '')
		.split('\n');
	expect(message).toMatch(expected.says);
	expect(message).toMatch(/^tsrun: \S.*[^.]$/);
	expect(hint ?? '').toMatch(expected.hints ?? /^( {2}hint: .*[^.])?$/);
	expect([more, stdout, exitCode]).toEqual([[], '', expected.exitCode ?? 125]);
}

/** A mount namespace in which `tools` has a program that may not be executed there. */
const NOEXEC_TOOLS = [
	...PRIVATE_MOUNTS,
	...['bash', '-c', 'mount -t tmpfs -o noexec tmpfs "$0" && cp /bin/busybox "$0" && exec "$@"', at('tools')],
];

/** A row of a table: what is wrong, and what must be said. */
type Row = readonly [what: string, bad: Bad];

let goodImage = (): string => '';
let zeros = '';
let foreignProgram: Buffer;

beforeAll(async () => {
	foreignProgram = readFileSync('/bin/busybox');
	// e_machine of elf(5): the machine that this one is not
	foreignProgram.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
	const program = (name: string, data: string | Uint8Array, mode = 0o755) => ({ name, data, mode });
	const name = await witnessImage(at('image'), {
		busybox: true,
		config: { Entrypoint: [], Cmd: ['/bin/sh'] },
		files: [
			{ name: 'bin/true', linkname: 'busybox' },
			program('bin/dynamic', readFileSync(compileProgram('without-syscall.c'))),
			program('bin/foreign', foreignProgram),
			program('bin/no-x', '#!/bin/sh\n', 0o644),
			program('bin/script', '#!/usr/bin/python9 -x\n'),
			program('bin/nested', '#!/bin/script\n'),
			program('bin/windows', '#!/bin/sh\r\nexit 0\r\n'),
			program('bin/bare', '#!\n'),
			program('bin/no-x-interpreter', '#!/etc/passwd\n'),
			program('bin/directory-interpreter', '#!/etc\n'),
			program('bin/text', 'echo hello\n'),
			program('bin/marked', '\ufeff#!/bin/sh\n'),
			program('bin/empty', ''),
			{ name: 'bin/dangling', linkname: '/no/where' },
			{ name: 'bin/circle', linkname: 'circle' },
			{ name: 'private/', mode: 0o700 },
			program('private/program', '#!/bin/sh\n'),
			program('bin/roots', '#!/bin/sh\n', 0o700),
		],
	});
	goodImage = () => name;
	expect((await runTsrun(sandbox, ['run', '--rm', name, 'true'])).exitCode).toBe(0);
	zeros = await witnessImage(at('zeros'), { files: [{ name: 'zeros', data: Buffer.alloc(20 << 20) }] });
	for (const name of ['tools', 'full']) mkdirSync(at(name));
	writeFileSync(at('not-json'), '{ no');
	writeFileSync(at('deny-all.json'), JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO' }));
	writeFileSync(at('plain-file'), 'text');
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

describe('a command that cannot be run', () => {
	const rows: readonly Row[] = [
		[
			'a name that is on no PATH',
			{ command: ['nosuch'], exitCode: 127, says: /command "nosuch"/, hints: /PATH was \/.*:\/bin$/ },
		],
		[
			'a path that is not there',
			{ command: ['/no/such'], exitCode: 127, says: /no such file in the container: \/no\/such$/ },
		],
		[
			'a path below a file',
			{
				command: ['/etc/passwd/x'],
				exitCode: 126,
				says: /no such file.*\/etc\/passwd\/x$/,
				hints: /a part of its path is a file/,
			},
		],
		[
			'a link to nothing',
			{
				command: ['/bin/dangling'],
				exitCode: 127,
				says: /\/bin\/dangling: it is a symbolic link/,
				hints: /\/no\/where$/,
			},
		],
		[
			'a link to itself',
			{ command: ['/bin/circle'], exitCode: 126, says: /\/bin\/circle: .* link that leads in a circle$/ },
		],
		['a directory', { command: ['/etc'], exitCode: 126, says: /\/etc: it is a directory$/ }],
		['a device', { command: ['/dev/null'], exitCode: 126, says: /\/dev\/null: it is not a regular file$/ }],
		[
			'no x permission',
			{
				command: ['/bin/no-x'],
				exitCode: 126,
				says: /\/bin\/no-x: it has no x permission \(mode 0644\)/,
				hints: /chmod \+x \/bin\/no-x/,
			},
		],
		[
			'no x permission for this user',
			{
				flags: ['-u', 'guest'],
				command: ['/bin/roots'],
				exitCode: 126,
				says: /\/bin\/roots: user 1000 may not execute it \(mode 0700, owner 0:0\)/,
			},
		],
		[
			'a directory on its path that the user may not search',
			{
				flags: ['-u', 'guest'],
				command: ['/private/program'],
				exitCode: 126,
				says: /user 1000 may not search the directory \/private \(mode 0700, owner 0:0\)/,
				hints: /--user/,
			},
		],
		[
			'a mount with noexec',
			{
				flags: ['--mount', `type=bind,src=${at('tools')},dst=/tools`],
				command: ['/tools/busybox'],
				options: { wrapper: NOEXEC_TOOLS },
				exitCode: 126,
				says: /\/tools\/busybox: it lies on a mount with noexec$/,
				hints: /exec/,
			},
		],
		[
			'a script whose interpreter is missing',
			{
				command: ['/bin/script'],
				exitCode: 127,
				says: /\/bin\/script: its interpreter \/usr\/bin\/python9 is missing/,
			},
		],
		[
			'the same by a relative path',
			{
				flags: ['-w', '/bin'],
				command: ['./script'],
				exitCode: 127,
				says: /\.\/script: its interpreter \/usr\/bin\/python9 is missing/,
			},
		],
		[
			'a script whose interpreter is such a script',
			{
				command: ['/bin/nested'],
				exitCode: 127,
				says: /\/bin\/nested: its interpreter \/bin\/script cannot be run: .*python9 is missing/,
			},
		],
		['line ends of Windows', { command: ['/bin/windows'], exitCode: 127, says: /carriage return/, hints: /dos2unix/ }],
		['#! and nothing', { command: ['/bin/bare'], exitCode: 126, says: /\/bin\/bare: .*#!/ }],
		[
			'an interpreter without x permission',
			{
				command: ['/bin/no-x-interpreter'],
				exitCode: 126,
				says: /interpreter \/etc\/passwd cannot be run: it has no x permission/,
			},
		],
		[
			'an interpreter that is a directory',
			{
				command: ['/bin/directory-interpreter'],
				exitCode: 126,
				says: /interpreter \/etc cannot be run: it is a directory/,
			},
		],
		[
			'a program whose loader is missing',
			{
				command: ['/bin/dynamic'],
				exitCode: 127,
				says: /\/bin\/dynamic: its loader \/lib\S+ is missing/,
				hints: /link statically/,
			},
		],
		[
			'a program for another machine',
			{
				command: ['/bin/foreign'],
				exitCode: 126,
				says: /\/bin\/foreign: it is built for \w+, and this machine is/,
				hints: /--platform/,
			},
		],
		[
			'text without #!',
			{ command: ['/bin/text'], exitCode: 126, says: /\/bin\/text: it is neither/, hints: /sh \/bin\/text$/ },
		],
		['a byte order mark before #!', { command: ['/bin/marked'], exitCode: 126, says: /byte order mark/ }],
		['an empty file', { command: ['/bin/empty'], exitCode: 126, says: /\/bin\/empty: it is empty$/ }],
		['no command at all', { flags: ['--entrypoint', ''], command: [], says: /no command/ }],
	];
	it.each(rows)('%s', async (_, bad) => expectRefusal(bad));
});

describe('flags that say nothing sensible', () => {
	const rows: readonly Row[] = [
		['--memory 12q', { flags: ['--memory', '12q'], says: /--memory "12q" is not a size/, hints: /--memory 512m/ }],
		['--memory 100k', { flags: ['--memory', '100k'], says: /--memory .*6 MiB/ }],
		['-v x:/x', { flags: ['-v', 'x:/x'], says: /--volume "x:\/x" has the source "x"/, hints: /absolute path/ }],
		['-v /a:x', { flags: ['-v', '/a:x'], says: /--volume "\/a:x" has a destination that is not absolute/ }],
		['--cpus 99', { flags: ['--cpus', '99'], says: /--cpus "99" is more than the \d+ CPUs/ }],
		['--cpuset-cpus 1000', { flags: ['--cpuset-cpus', '1000'], says: /--cpuset-cpus/, hints: /0/ }],
		[
			'-it without a terminal',
			{ flags: ['-it'], says: /standard input is not a terminal, and -it/, hints: /leave out -t/ },
		],
		[
			'an unknown flag',
			{ flags: ['--frobnicate'], says: /run: unknown option '--frobnicate'/, hints: /tsrun run --help/ },
		],
		[
			'a flag with a letter missing',
			{ flags: ['--memor', '1g'], says: /unknown option '--memor'/, hints: /did you mean --memory/ },
		],
		['a switch that is neither', { flags: ['--init=perhaps'], says: /--init "perhaps" is neither true nor false/ }],
		[
			'--mount of an unknown type',
			{ flags: ['--mount', 'type=frob,dst=/x'], says: /--mount "type=frob,dst=\/x" has an unknown type/ },
		],
		[
			'--mount of a source that is not there',
			{
				flags: ['--mount', 'type=bind,src=/no/such,dst=/x'],
				says: /bind source \/no\/such does not exist.*\/mounts\/\d+\/source/,
			},
		],
		['a relative --workdir', { flags: ['-w', 'here'], says: /--workdir "here" is not absolute/ }],
		[
			'a --workdir that is a file',
			{ flags: ['-w', '/etc/passwd'], says: /directory \/etc\/passwd .*\/process\/cwd\): not a directory/ },
		],
		['an unknown user', { flags: ['-u', 'nobody'], says: /user "nobody".*passwd/, hints: /number/ }],
		['an unknown group', { flags: ['-u', 'guest:nogroup'], says: /group "nogroup".*group file/ }],
		['an unknown --group-add', { flags: ['--group-add', 'nogroup'], says: /group "nogroup"/ }],
		['an unknown capability', { flags: ['--cap-add', 'FLY'], says: /--cap-add "FLY"/ }],
		['an unknown signal', { flags: ['--stop-signal', 'SIGNOT'], says: /--stop-signal "SIGNOT" is not a signal/ }],
		['a sysctl of the host', { flags: ['--sysctl', 'kernel.core_pattern=x'], says: /kernel\.core_pattern/ }],
		[
			'a sysctl that the kernel has not',
			{ flags: ['--sysctl', 'net.nosuch=1'], says: /net\/nosuch.*\/linux\/sysctl\/net\.nosuch/ },
		],
		['a device that is none', { flags: ['--device', '/dev/nosuch'], says: /--device "\/dev\/nosuch" is not a device/ }],
		[
			'a file for the directory /etc',
			{ flags: ['-v', '/etc/hostname:/etc'], says: /bind \/etc\/hostname at \/etc .*\/mounts\/\d+/ },
		],
		[
			'an env file that is not there',
			{ flags: ['--env-file', '/no/such'], says: /--env-file "\/no\/such" cannot be read: no such file/ },
		],
		[
			'a seccomp profile that is not there',
			{
				flags: ['--security-opt', 'seccomp=/no/such'],
				says: /\/no\/such of --security-opt seccomp cannot be read: no such file/,
			},
		],
		[
			'a seccomp profile that is no JSON',
			{
				flags: ['--security-opt', `seccomp=${at('not-json')}`],
				says: /not-json of --security-opt seccomp is not JSON/,
			},
		],
		[
			'a seccomp profile that denies the set-up itself',
			{
				flags: ['--security-opt', `seccomp=${at('deny-all.json')}`],
				says: /init step \d+.*operation not permitted/,
				hints: /seccomp profile of the container denies/,
			},
		],
		[
			'a cidfile in no directory',
			{ flags: ['--cidfile', '/no/such/cid'], says: /\/no\/such\/cid \(--cidfile\): no such file/ },
		],
		[
			'the namespace of a container that is not there',
			{ flags: ['--network', 'container:nosuch'], says: /no such container: nosuch/ },
		],
	];
	it.each(rows)('%s', async (_, bad) => expectRefusal(bad));

	it('the image is missing', async () => {
		const { stderr, exitCode } = await runTsrun(sandbox, ['run', '--rm']);
		expect(stderr).toBe("tsrun: run: missing required argument 'image'\n  hint: see tsrun run --help\n");
		expect(exitCode).toBe(125);
	});

	it('the value of the last flag is missing', async () => {
		const { stderr, exitCode } = await runTsrun(sandbox, ['run', '--memory']);
		expect(stderr).toMatch(/^tsrun: run: option '-m, --memory <size>' argument missing\n {2}hint: .*\n$/);
		expect(exitCode).toBe(125);
	});
});

describe('a name in use', () => {
	it('is refused, and the container that has it stays as it is', async () => {
		await runTsrun(sandbox, ['run', '--name', 'web', goodImage(), 'true']);
		before = readHostState(sandbox);
		await expectRefusal({
			flags: ['--name', 'web'],
			says: /container name "web" is already in use by container [0-9a-f]{12}/,
			hints: /tsrun rm web/,
		});
		expect(await leftovers(sandbox, before)).toEqual([]);
		expect((await runTsrun(sandbox, ['rm', 'web'])).stdout).toBe('web\n');
		before = readHostState(sandbox);
	});
});

describe('an image that is none', () => {
	const blobsOf = (dir: string): readonly string[] =>
		readdirSync(join(dir, 'blobs/sha256')).map(name => join(dir, 'blobs/sha256', name));
	/** A copy of the good image, so that its layer is known, with another layer that is damaged. */
	const damaged = (name: string, damage: (largest: string) => void) => (): string => {
		const dir = at(name);
		writeRawLayout(dir, [
			{
				ref: 'latest',
				layers: [{ tar: tarArchive([{ name: `file-${name}`, data: 'x'.repeat(50_000) }]), gzip: false }],
			},
		]);
		const largest =
			blobsOf(dir).toSorted((one, other) => readFileSync(other).length - readFileSync(one).length)[0] ?? '';
		damage(largest);
		before = readHostState(sandbox);
		return `oci:${dir}:latest`;
	};
	const layers =
		(name: string, ...entries: readonly TarEntry[]) =>
		(): string => {
			writeRawLayout(at(name), [{ ref: 'latest', layers: [{ tar: tarArchive(entries) }] }]);
			before = readHostState(sandbox);
			return `oci:${at(name)}:latest`;
		};
	const rows: readonly Row[] = [
		[
			'a name that the store has not',
			{
				flags: ['--pull', 'never'],
				image: () => 'nosuch',
				says: /no image "nosuch" in the store/,
				hints: /tsrun load/,
			},
		],
		['a digest that is none', { image: () => 'busybox@sha256:12', says: /digest|reference/ }],
		[
			'a directory that is not there',
			{ image: () => 'oci:/no/such', says: /\/no\/such.*no such file or directory/, hints: /image layout/ },
		],
		[
			'a reference that the directory has not',
			{ image: () => `oci:${at('image')}:old`, says: /no image "old"/, hints: /it holds latest/ },
		],
		[
			'an archive that is not there',
			{ image: () => 'oci-archive:/no/such', says: /archive \/no\/such cannot be opened: no such file/ },
		],
		[
			'an archive that is none',
			{ image: () => `docker-archive:${at('plain-file')}`, says: /plain-file/, hints: /tar|archive/ },
		],
		['another platform', { flags: ['--platform', 'linux/s390x'], says: /is for linux\/\w+, not for linux\/s390x/ }],
		['an unknown platform', { flags: ['--platform', 'plan9/vax'], says: /plan9\/vax/ }],
		['a malformed platform', { flags: ['--platform', 'a/b/c/d'], says: /--platform "a\/b\/c\/d"/ }],
		[
			'a truncated blob',
			{
				image: damaged('short', file => truncateSync(file, 20_000)),
				says: /blob sha256:[0-9a-f]+ is 20000 bytes long where its descriptor says/,
			},
		],
		[
			'a blob with another digest',
			{
				image: damaged('changed', file => {
					const bytes = readFileSync(file);
					bytes[30_000] = 0x79;
					writeFileSync(file, bytes);
				}),
				says: /blob sha256:[0-9a-f]+ has the digest sha256:/,
				hints: /damaged/,
			},
		],
		[
			'a layer that is not gzip, and says so',
			{
				image: () => {
					writeRawLayout(at('not-gzip'), [
						{ ref: 'latest', layers: [{ tar: tarArchive([]), blob: Buffer.from('not gzip at all') }] },
					]);
					before = readHostState(sandbox);
					return `oci:${at('not-gzip')}:latest`;
				},
				says: /layer sha256:[0-9a-f]+/,
			},
		],
		[
			'an entry with ..',
			{ image: layers('dotdot', { name: '../climbed', data: 'x' }), says: /layer sha256:[0-9a-f]+ .*"\.\.\/climbed"/ },
		],
		[
			'a hard link out of the layer',
			{
				image: layers('hard', { name: 'escape', type: '1', link: '../../../etc/passwd' }),
				says: /layer.*"(escape|\.\.\/\.\.\/\.\.\/etc\/passwd)"/,
			},
		],
	];
	it.each(rows)('%s', async (_, bad) => expectRefusal(bad));

	it.each([
		['an absolute name', [{ name: '/etc/absolute', data: 'inside' }], '/etc/absolute'],
		[
			'a symbolic link to the host',
			[
				{ name: 'way', type: '2', link: at('canary') },
				{ name: 'way/inside', data: 'inside' },
			],
			'/way/inside',
		],
		[
			'a relative symbolic link that climbs',
			[
				{ name: 'way', type: '2', link: `../../../../../../../..${at('canary')}` },
				{ name: 'way/inside', data: 'inside' },
			],
			'/way/inside',
		],
		[
			'a hard link through a symbolic link',
			[
				{ name: 'way', type: '2', link: at('canary') },
				{ name: 'stolen', type: '1', link: 'way/secret' },
			],
			undefined,
		],
	] satisfies readonly (readonly [string, readonly TarEntry[], string | undefined])[])(
		'%s never leaves the layer',
		async (what, entries, inside) => {
			mkdirSync(at('canary'), { recursive: true });
			writeFileSync(join(at('canary'), 'secret'), 'of the host');
			const name = `climb-${what.replaceAll(' ', '-')}`;
			cpSync(at('image'), at(name), { recursive: true });
			writeRawLayout(at(name), [
				{
					ref: 'latest',
					layers: [
						{
							tar: tarArchive([
								{ name: 'bin/', type: '5', mode: 0o755 },
								{ name: 'bin/busybox', mode: 0o755, data: readFileSync('/bin/busybox') },
								...entries,
							]),
						},
					],
				},
			]);
			before = readHostState(sandbox);
			const result = await runTsrun(sandbox, [
				'run',
				'--rm',
				`oci:${at(name)}:latest`,
				'/bin/busybox',
				'cat',
				inside ?? '/stolen',
			]);
			if (inside === undefined) expect(result.stdout).not.toMatch(/of the host/);
			else if (result.exitCode === 0) expect(result.stdout).toBe('inside');
			else expect(result.stderr).toMatch(/^tsrun: layer .*\n( {2}hint: .*\n)?$/);
			expect(readdirSync(at('canary'))).toEqual(['secret']);
			expect(readFileSync(join(at('canary'), 'secret'), 'utf8')).toBe('of the host');
		},
	);
});

describe('a host that cannot', () => {
	const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
	const rows: readonly Row[] = [
		['no root', { options: { wrapper: NOBODY }, says: /containers need root, and this is user 65534/, hints: /sudo/ }],
		[
			'root without CAP_SYS_ADMIN',
			{
				options: { wrapper: ['setpriv', '--bounding-set', '-sys_admin', '--'] },
				says: /need CAP_SYS_ADMIN/,
				hints: /--privileged/,
			},
		],
		...(['openat2', 'close_range', 'pidfd_open'] as const).map(
			(call): Row => [
				`a kernel without ${call}`,
				{
					options: { wrapper: [compileProgram('without-syscall.c'), call] },
					says: new RegExp(`system call ${call}, which Linux has since 5\\.\\d+, does not work on this host`),
				},
			],
		),
		[
			'a kernel without mounts that map ids, for --userns',
			{
				flags: ['--userns', 'private'],
				options: { wrapper: [compileProgram('without-syscall.c'), 'mount_setattr'] },
				says: /mapped ids/,
				hints: /kernel is too old|seccomp/,
			},
		],
		[
			'a state directory that is a file',
			{
				options: { env: { TSRUN_STATE: at('plain-file') } },
				says: /state directory \S+plain-file: not a directory/,
				hints: /--root/,
			},
		],
		[
			'a store that is a file',
			{ options: { env: { TSRUN_ROOT: at('plain-file') } }, says: /store \S+plain-file cannot be made/ },
		],
	];
	it.each(rows)('%s', async (_, bad) => expectRefusal(bad));

	it('a kernel without clone3 is no hindrance: clone does it', async () => {
		const wrapper = [compileProgram('without-syscall.c'), 'clone3'];
		const plan = await runTsrun(sandbox, ['plan', goodImage()], { wrapper });
		expect(plan.stdout).toMatch(/ clone\(/);
		expect(plan.stdout).not.toMatch(/clone3\(/);
		const { exitCode, stdout, stderr } = await runTsrun(
			sandbox,
			['run', '--rm', goodImage(), '/bin/busybox', 'echo', 'made'],
			{ wrapper },
		);
		expect([exitCode, stdout, stderr]).toEqual([0, 'made\n', '']);
	});

	it('a current directory that is gone', async () => {
		const wrapper = ['bash', '-c', 'mkdir "$0/gone" && cd "$0/gone" && rmdir "$0/gone" && exec "$@"', sandbox.dir];
		await expectRefusal({
			options: { wrapper },
			says: /cannot tell the current directory/,
			hints: /cd to one that exists/,
		});
	});
});

describe('a disk that is full', () => {
	/** Half-written layers, containers and names that are left there show on stderr, as lines too many. */
	const LOOK =
		'cd "$0" && find . -path "./tmp/*" -o -path "./layers/*" -o -path "./containers/*" -o -path "./.names/*" >&2';
	const full = (variable: string, options: string): TsrunOptions => ({
		env: { [variable]: at('full') },
		wrapper: [
			...PRIVATE_MOUNTS,
			...[
				'bash',
				'-c',
				`mount -t tmpfs -o mode=0700,${options} tmpfs "$0" && "$@"; code=$?; ${LOOK}; exit $code`,
				at('full'),
			],
		],
	});
	const rows: readonly Row[] = [
		[
			'while a blob is copied',
			{
				options: full('TSRUN_ROOT', 'size=256k'),
				says: /blob sha256:[0-9a-f]+ cannot be written to \S+: no space left/,
				hints: /df/,
			},
		],
		[
			'in the middle of a layer',
			{
				// its blob is a thousandth of it
				image: () => zeros,
				options: full('TSRUN_ROOT', 'size=8m'),
				says: /layer sha256:[0-9a-f]+ cannot be unpacked in \S+: no space left/,
				hints: /df -i/,
			},
		],
		[
			'of inodes, in the middle of a layer',
			{ options: full('TSRUN_ROOT', 'nr_inodes=30'), says: /layer sha256:[0-9a-f]+ cannot be unpacked.*no space left/ },
		],
		[
			'while the state is written',
			{
				options: full('TSRUN_STATE', 'size=16k'),
				says: /cannot write the state of the container to \S+: no space left/,
				hints: /full/,
			},
		],
	];
	it.each(rows)('%s leaves neither a half-written layer nor a container', async (_, bad) => {
		await expectRefusal(bad);
	});
});
