import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../kernel/support/bundle.ts';
import { createSandbox } from '../kernel/support/run-tsrun.ts';
import { openPen, type Pen, type PenResult } from './support/open-pen.ts';
import { OURS, RUNTIMES } from './support/runtimes.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const UID = 1234;
const HOME = '/run/alice';
const RUNTIME_DIRECTORY = `/run/user/${UID}`;

/** A user with ids of its own, a root file system that belongs to it, and tsrun where the user can read it. */
const PREPARE = `
useradd --uid ${UID} --create-home --home-dir ${HOME} alice
echo alice:200000:65536 | tee /etc/subuid > /etc/subgid
mkdir -p ${RUNTIME_DIRECTORY} /run/tsrun-repository
cp -r "$1" ${HOME}/rootfs
chown -R alice ${HOME} ${RUNTIME_DIRECTORY}
chmod 755 /run
mount --bind ${REPOSITORY} /run/tsrun-repository
`;

const sandbox = createSandbox();
const rootfs = join(createBundle(sandbox), 'rootfs');
afterAll(() => sandbox.remove());

describe.each(RUNTIMES)('podman of a user who is not root, with $name', ({ name, path }) => {
	let pen: Pen;
	const runtime = name === OURS.name ? '/run/tsrun-repository/dist/tsrun' : path;
	const asUser = (command: string): readonly string[] => ['su', 'alice', '-c', `cd ${HOME} && ${command}`];
	const env = { XDG_RUNTIME_DIR: RUNTIME_DIRECTORY, HOME };
	const podman = (words: string): Promise<PenResult> =>
		pen.run(asUser(`podman --cgroup-manager cgroupfs --events-backend file --runtime ${runtime} ${words}`), { env });
	const output = async (words: string): Promise<string> => {
		const { exitCode, stdout, stderr } = await podman(words);
		if (exitCode !== 0) throw new Error(`podman ${words} ended with ${exitCode}: ${stderr}`);
		return stdout;
	};
	const run = 'run --network none --ulimit nofile=1024:1024 --ulimit nproc=1024:1024';
	const program = `--rootfs ${HOME}/rootfs /witness`;

	beforeAll(async () => {
		pen = await openPen();
		await pen.output(['sh', '-euc', PREPARE, 'sh', rootfs]);
	});
	afterAll(() => pen.close());

	it('runs a program with the ids of the user, and passes its exit code on', async () => {
		const map = await output(`${run} --rm ${program} read /proc/self/uid_map`);
		expect(map).toMatch(new RegExp(`\\b0 +${UID} +1\\b`));
		expect(map).toMatch(/\b1 +200000 +65536\b/);
		expect((await podman(`${run} --rm ${program} exit 7`)).exitCode).toBe(7);
	});

	it('keeps the ids of the user where it is told to', async () => {
		const status = await output(`${run} --rm --userns keep-id ${program} read /proc/self/status`);
		expect(JSON.parse(status).text).toContain(`\nUid:\t${UID}\t`);
	});

	it('enters a container, kills it and removes it', async () => {
		await output(`${run} --detach --name one ${program} sleep 1000`);
		expect(await output('exec one /witness read /proc/1/cmdline')).toContain('/witness');
		expect((await podman('exec one /witness exit 5')).exitCode).toBe(5);
		await output('kill one');
		expect(await output('wait one')).toBe('137');
		await output('rm one');
		const state = `${RUNTIME_DIRECTORY}/${name === OURS.name ? 'tsrun' : 'runc'}`;
		expect(await pen.output(['ls', state])).toBe('');
	});

	describe('the runtime itself, as root of the user namespace', () => {
		const runBundle = async (resources: object): Promise<PenResult> => {
			const config = bundleConfig('exit', '7');
			const linux = { ...config.linux, resources };
			const input = JSON.stringify({ ...config, linux });
			await pen.output(['sh', '-c', `cat > ${HOME}/config.json`], { input });
			return pen.run(asUser(`podman unshare ${runtime} run --bundle ${HOME} direct`), { env });
		};

		it('does without a cgroup where none is asked for', async () => {
			expect((await runBundle({})).exitCode).toBe(7);
		});

		it('refuses a limit that needs one', async () => {
			const { exitCode, stderr } = await runBundle({ pids: { limit: 30 } });
			expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/pids/)]);
		});
	});
});
