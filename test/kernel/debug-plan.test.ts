import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { bundleConfig, createBundle } from './support/bundle.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { ociRuntime } from './support/oci-runtime.ts';
import { createSandbox, runTsrun, type TsrunResult } from './support/run-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const DEBUG = { TSRUN_DEBUG: 'plan' };
const sandbox = createSandbox();
const oci = ociRuntime('tsrun', sandbox);
let image = '';
let bundle = '';
let before: HostState;

const tsrun = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<TsrunResult> =>
	runTsrun(sandbox, words, { env });
/** Each call under its list and number, from the log. */
const logged = (stderr: string): readonly string[] =>
	[...stderr.matchAll(/^plan: (\w+ \d+ .*?\)) · /gm)].map(([, call = '']) => call);

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { busybox: true });
	bundle = createBundle(sandbox);
	writeFileSync(join(bundle, 'config.json'), JSON.stringify(bundleConfig('exit', '4')));
	expect((await tsrun(['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

it('tells each step of run, in the words of tsrun plan, before the program runs', async () => {
	const words = ['--rm', '--hostname', 'web', image, 'exit', '3'];
	const { exitCode, stderr, stdout } = await tsrun(['run', ...words], DEBUG);
	expect([exitCode, stdout]).toEqual([3, '']);
	const planned = JSON.parse((await tsrun(['plan', '--format', 'json', ...words])).stdout);
	const count = (list: string): number => logged(stderr).filter(line => line.startsWith(`${list} `)).length;
	expect(['setup', 'init', 'teardown'].map(count)).toEqual(
		['setup', 'init', 'teardown'].map(list => planned[list].length),
	);
	const text = (await tsrun(['plan', ...words])).stdout;
	const [hostname = ''] = /sethostname\(.*\)/.exec(text) ?? [];
	expect(hostname).toBe('sethostname("web")');
	expect(stderr).toMatch(/^plan: init \d+ sethostname\("web"\) · name the container · \/hostname · sethostname\(2\)$/m);
});

it('tells those of create, and those of exec', async () => {
	const created = await oci.run(['create', '--bundle', bundle, 'web'], { env: DEBUG });
	expect(created.exitCode).toBe(0);
	expect(logged(created.stderr)).toContainEqual(expect.stringMatching(/^init \d+ await_start\(/));
	await oci.must(['delete', '--force', 'web']);
	expect((await tsrun(['run', '-d', '--rm', '--name', 'web', image, 'sleep', '100'])).exitCode).toBe(0);
	const { exitCode, stderr } = await tsrun(['exec', 'web', '/witness', 'exit', '6'], DEBUG);
	expect(exitCode).toBe(6);
	expect(logged(stderr)).toContainEqual(expect.stringMatching(/^(setup|init) \d+ join_target\(/));
	expect((await tsrun(['rm', '-f', 'web'])).exitCode).toBe(0);
});

it('says nothing unless asked for', async () => {
	for (const value of ['', 'network', 'planet'])
		expect((await tsrun(['run', '--rm', image, 'exit', '0'], { TSRUN_DEBUG: value })).stderr).toBe('');
	const { stderr } = await tsrun(['run', '--rm', image, 'exit', '0'], { TSRUN_DEBUG: 'other,plan' });
	expect(logged(stderr).length).toBeGreaterThan(50);
});

it('is how a failed step is told, too', async () => {
	const { exitCode, stderr } = await tsrun(
		['run', '--rm', '--sysctl', 'net.ipv4.ip_forward=x', image, 'exit', '0'],
		DEBUG,
	);
	expect(exitCode).toBe(125);
	const [, number, call = 'none'] = /\(init step (\d+), [^)]*\): .*\n {2}step: (.*)\n {2}hint: /.exec(stderr) ?? [];
	expect(logged(stderr)).toContain(`init ${number} ${call}`);
	expect(call).toBe('write_proc("sys/net/ipv4/ip_forward", "x")');
});
