import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle, runBundle } from './support/bundle.ts';
import { createSandbox } from './support/run-tsrun.ts';

const DEVICE = `tst${process.pid}`;
const PEER = `tsp${process.pid}`;
const NETNS = `tsrun-test-${process.pid}`;
const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const ip = (...words: readonly string[]): string => execFileSync('ip', words, { encoding: 'utf8', stdio: 'pipe' });

beforeEach(() => {
	ip('link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', PEER);
	ip('address', 'add', '192.0.2.7/24', 'dev', DEVICE);
	for (const name of [DEVICE, PEER]) ip('link', 'set', name, 'up');
});
// the end of the network namespace may be taking it away at this moment
afterEach(() => spawnSync('ip', ['link', 'delete', PEER]));
afterAll(() => sandbox.remove());

function config(name: string | undefined): Config {
	const result = bundleConfig(
		'read',
		'/proc/net/dev',
		'--',
		'read',
		'/proc/net/fib_trie',
		'--',
		'read',
		'/proc/net/route',
	);
	result.linux.netDevices = { [DEVICE]: name === undefined ? {} : { name } };
	return result;
}

async function expectMoved(run: Config, name: string): Promise<void> {
	const { error, witness } = await runBundle(sandbox, bundle, run);
	expect(error).toBeUndefined();
	const [devices = '', addresses = '', routes = ''] = witness.actions.map(({ text }) => String(text));
	expect(devices).toContain(`${name}:`);
	expect(addresses).toContain('192.0.2.7');
	// the route of its network is there only where the device is up
	expect(routes).toMatch(new RegExp(`^${name}\\s+000200C0`, 'm'));
}

it.each([undefined, 'lan'])(
	'a device of the host goes into the container with its address; new name: %s',
	async name => {
		await expectMoved(config(name), name ?? DEVICE);
		expect(existsSync(`/sys/class/net/${DEVICE}`)).toBe(false);
	},
);

it('a device goes into a network namespace that the container joins', async () => {
	ip('netns', 'add', NETNS);
	try {
		const run = config('lan');
		for (const namespace of run.linux.namespaces) {
			if (namespace.type === 'network') namespace.path = `/run/netns/${NETNS}`;
		}
		await expectMoved(run, 'lan');
		expect(ip('-n', NETNS, 'link')).toContain('lan@');
	} finally {
		ip('netns', 'delete', NETNS);
	}
});

it('a device that is not there is named before anything is made', async () => {
	const run = config(undefined);
	run.linux.netDevices = { 'tsrun-none': {} };
	await expect(runBundle(sandbox, bundle, run)).rejects.toThrow(/link not found for interface tsrun-none/);
});
