import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { runBundleCommand } from '../support/run-bundle.ts';
import { createSandbox } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const source = join(sandbox.dir, 'source');
let bundle = '';

/** Ids of files on the disk, and below them another mount with a file of its own. */
const FILES = { a: [0, 0], b: [7, 8], 'deep/c': [3, 4] } as const;

beforeAll(() => {
	bundle = createBundle(sandbox);
	execFileSync('chmod', ['755', sandbox.dir]);
	mkdirSync(join(source, 'deep'), { recursive: true });
	mkdirSync(join(sandbox.dir, 'below'));
	for (const [name, [uid, gid]] of Object.entries(FILES)) {
		const path = name === 'deep/c' ? join(sandbox.dir, 'below/c') : join(source, name);
		writeFileSync(path, name);
		chownSync(path, uid, gid);
	}
});
afterAll(() => sandbox.remove());

const map = (containerID: number, hostID: number, size = 10) => [{ containerID, hostID, size }];
const USER = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const OVERFLOW = [65_534, 65_534];

interface Setting {
	readonly isUser?: boolean;
	readonly change?: (config: Config) => void;
	readonly after?: string;
	/** Nothing is mounted below the source: a user namespace may not bind it without what is. */
	readonly isFlat?: boolean;
}

/** Owners of the files below /m as the container sees them. */
async function owners(mount: object, { isUser = false, isFlat = false, change = () => {}, after }: Setting = {}) {
	const paths = Object.keys(FILES).map(name => `/m/${name}`);
	const config = bundleConfig(
		...paths.flatMap(path => ['stat', path, '--']),
		'write',
		'/m/new',
		'x',
		'--',
		'stat',
		'/m/new',
	);
	if (isUser) {
		config.linux = {
			...config.linux,
			uidMappings: USER,
			gidMappings: USER,
			namespaces: [...config.linux.namespaces, { type: 'user' }],
		};
	}
	config.mounts.push({ destination: '/m', source, ...mount });
	change(config);
	const below = isFlat ? ':' : `mount --bind ${join(sandbox.dir, 'below')} ${source}/deep`;
	const host = `${below}; rm -f ${source}/new`;
	const result = await runBundleCommand(sandbox, { bundle, config, host, ...(after === undefined ? {} : { after }) });
	const stats = result.stderr === '' ? result.witness.actions : [];
	return {
		...result,
		stats: stats
			.filter(({ action }) => action === 'stat')
			.map(({ uid, gid, errno }) => (errno === 0 ? [uid, gid] : errno)),
		stderr: result.stderr,
	};
}

describe('a mount with mapped ids', () => {
	it('shows the files as belonging to the ids of the mapping, and writes the other way', async () => {
		const mount = { options: ['bind'], uidMappings: map(0, 1000), gidMappings: map(0, 2000) };
		const { stats, stderr, witness, stdout } = await owners(mount, {
			change: config => {
				config.process.user = { uid: 1001, gid: 2002 };
				config.process.capabilities = {};
			},
			after: `stat -c %u:%g ${source}/b`,
		});
		expect(stderr).toBe('');
		expect(stats.slice(0, 3)).toEqual([[1000, 2000], [1007, 2008], 2]);
		expect(witness.actions.find(({ action }) => action === 'write')?.errno).toBe(13);
		expect(stdout).toMatch(/\n7:8$/);
	});

	it('in a user namespace shows them as its own, and what root makes there belongs to root on the disk', async () => {
		const mount = { options: ['bind'], uidMappings: USER, gidMappings: USER };
		const { stats, stderr, stdout } = await owners(mount, {
			isUser: true,
			isFlat: true,
			after: `stat -c %u:%g ${source}/new`,
		});
		expect(stderr).toBe('');
		expect(stats).toEqual([[0, 0], [7, 8], 2, [0, 0]]);
		expect(stdout).toMatch(/\n0:0$/);
	});

	it('has those of the user namespace with the option alone, and below it with ridmap', async () => {
		const { stats } = await owners({ options: ['rbind', 'idmap'] }, { isUser: true });
		expect(stats).toEqual([[0, 0], [7, 8], OVERFLOW, [0, 0]]);
		const deep = await owners({ options: ['rbind', 'ridmap'] }, { isUser: true });
		expect(deep.stats).toEqual([
			[0, 0],
			[7, 8],
			[3, 4],
			[0, 0],
		]);
	});

	it('maps users and groups apart, by several lines', async () => {
		const lines = (first: number) => [...map(0, first, 1), ...map(7, 2 * first, 2)];
		const { stats } = await owners({ options: ['bind'], uidMappings: lines(1000), gidMappings: lines(5000) });
		expect(stats.slice(0, 2)).toEqual([
			[1000, 5000],
			[2000, 10_001],
		]);
	});

	it('takes flags and propagation like any other', async () => {
		const options = ['bind', 'ro', 'nosuid', 'unbindable'];
		const { witness, stderr } = await owners(
			{ options, uidMappings: USER, gidMappings: USER },
			{
				isUser: true,
				isFlat: true,
				change: config => config.process.args.push('--', 'report'),
			},
		);
		expect(stderr).toBe('');
		const line = witness.report.mounts.find(each => each.split(' ')[4] === '/m');
		expect(line).toMatch(/ \/m ro,nosuid,relatime,idmapped unbindable - /);
	});

	it.each([false, true])(
		'shows what mounts before it have made in the root file system (user namespace: %s)',
		async isUser => {
			const { stats, stderr } = await owners(
				{ destination: '/first', source, options: ['bind'] },
				{
					isUser,
					isFlat: true,
					change: config => {
						config.mounts.push({
							destination: '/m',
							source: join(bundle, 'rootfs/first'),
							options: ['bind'],
							uidMappings: USER,
							gidMappings: USER,
						});
					},
				},
			);
			expect(stderr).toBe('');
			expect(stats[1]).toEqual(isUser ? [7, 8] : [100_007, 100_008]);
		},
	);

	it('of a file system that cannot is an error that says so', async () => {
		const { stderr, exitCode } = await owners({
			source: '/proc/sys',
			options: ['bind'],
			uidMappings: USER,
			gidMappings: USER,
		});
		expect(stderr).toMatch(
			/^tsrun: cannot map the ids of the mount \/proc\/sys \(setup step \d+, \/mounts\/3\): invalid argument\n {2}step: send_mapped\(.*\)\n {2}hint: the file system has no id-mapped mounts/,
		);
		expect(exitCode).not.toBe(0);
	});

	it('of a source that is missing is refused before anything runs', async () => {
		const { stderr } = await owners({
			source: '/srv/not/there',
			options: ['bind'],
			uidMappings: USER,
			gidMappings: USER,
		});
		expect(stderr).toMatch(/^tsrun: bind source \/srv\/not\/there does not exist \(config.json \/mounts\/3\/source\)/);
	});
});
