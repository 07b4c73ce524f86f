import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compileWitness } from '../support/compile-witness.ts';
import { PRIVATE_MOUNTS } from '../support/private-mounts.ts';
import { parseWitness } from '../support/witness.ts';

const witness = compileWitness();
const run = (command: readonly string[], env: Record<string, string> = {}) => {
	const [program = '', ...args] = command;
	return spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH ?? '', ...env }, input: '' });
};

describe('the witness', () => {
	it('reports what util-linux was told to set', () => {
		const setpriv = 'setpriv --reuid 1000 --regid 1001 --groups 5,6 --bounding-set -all,+chown --no-new-privs'.split(
			' ',
		);
		const shell = ['sh', '-c', 'umask 027; ulimit -n 100; cd /usr; exec "$@"', 'sh'];
		const { report } = parseWitness(run([...shell, ...setpriv, witness], { MARK: 'a "b"\n' }).stdout);
		expect(report).toMatchObject({
			uids: [1000, 1000, 1000],
			gids: [1001, 1001, 1001],
			groups: [5, 6],
			noNewPrivs: 1,
			umask: 0o027,
			cwd: '/usr',
			argv: [witness],
			tty: null,
		});
		expect(report.capabilities).toMatchObject({ bounding: '0000000000000001', effective: '0000000000000000' });
		expect(report.rlimits.nofile).toEqual([100, 100]);
		expect(report.env).toContain('MARK=a "b"\n');
	});

	it('sees the namespaces that unshare made, as pid 1', () => {
		const outside = parseWitness(run([witness]).stdout).report;
		const unshare = 'unshare --pid --fork --uts --ipc --net --cgroup --mount-proc'.split(' ');
		const inside = parseWitness(run([...unshare, witness]).stdout).report;
		expect(inside.pid).toBe(1);
		for (const type of ['pid', 'uts', 'ipc', 'net', 'cgroup', 'mnt'] as const) {
			expect(inside.namespaces[type]).toMatch(new RegExp(`^${type}:\\[\\d+\\]$`));
			expect(inside.namespaces[type]).not.toBe(outside.namespaces[type]);
		}
		expect(inside.namespaces.user).toBe(outside.namespaces.user);
		expect(inside.mounts.some(line => / \/proc .* - proc /.test(line))).toBe(true);
	});

	it('lists its descriptors and the device files with their numbers', () => {
		const { report } = parseWitness(run(['sh', '-c', `exec "${witness}" 7</dev/null`]).stdout);
		expect(report.fds.find(({ fd }) => fd === 7)?.target).toBe('/dev/null');
		expect(report.dev.find(({ path }) => path === '/dev/null')).toMatchObject({ type: 'c', major: 1, minor: 3 });
	});

	it('gives the errno of each action, in order', () => {
		const words = 'open /nonexistent 0 -- syscall 39 -- unshare 0 -- read /proc/sys/kernel/ostype -- exit 7'.split(' ');
		const { status, stdout } = run([witness, ...words]);
		expect(parseWitness(stdout).actions.map(({ action, errno }) => [action, errno])).toEqual([
			['open', 2],
			['syscall', 0],
			['unshare', 0],
			['read', 0],
		]);
		expect(status).toBe(7);
	});

	it('measures its own processor time', () => {
		const [burn] = parseWitness(run([witness, 'burn', '200']).stdout).actions;
		expect(burn?.wallMs).toBeGreaterThanOrEqual(200);
		expect(burn?.cpuMs).toBeLessThanOrEqual(Number(burn?.wallMs) + 10);
	});

	it('finds the orphan reaped under an init, and left under a pid 1 that does not wait', () => {
		const script = 'mount -t proc proc /proc; "$@"; exit 0';
		const reapedUnder = (init: readonly string[]): unknown => {
			const unshare = [...PRIVATE_MOUNTS.slice(0, -1), '--pid', '--fork', ...init, witness, 'zombies'];
			return parseWitness(run(unshare).stdout).actions[0]?.reaped;
		};
		expect(reapedUnder(['sh', '-c', script, 'sh'])).toBe(1);
		expect(reapedUnder([])).toBe(0);
	});

	it('refuses an action that it does not know', () => {
		const { status, stderr } = run([witness, 'fly']);
		expect([status, stderr]).toEqual([2, 'witness: no action fly, or too few words for it\n']);
	});

	it('needs no library', () => {
		expect(execFileSync('file', ['-b', witness], { encoding: 'utf8' })).toContain('statically linked');
	});
});
