import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { check, contents, killedAfter, manyFiles, seededRandom } from '../kernel/store/support.ts';
import { createSandbox, runTsrun, type Sandbox } from '../kernel/support/run-tsrun.ts';
import { SLOWNESS } from '../kernel/support/slowness.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { openTestRegistry, type TestRegistry } from './support/open-registry.ts';

const base = createSandbox();
let registry: TestRegistry;
let sandbox: Sandbox;
const names: string[] = [];

beforeAll(async () => {
	registry = await openTestRegistry();
	const env = { ...base.env, CONTAINERS_REGISTRIES_CONF: registry.conf, HOME: base.dir, REGISTRY_AUTH_FILE: '' };
	sandbox = { ...base, env };
	const shared = manyFiles('shared', 120);
	for (const name of ['a', 'b']) {
		const layout = join(base.dir, name);
		await witnessImage(layout, { layers: [shared, manyFiles(name, 120)] });
		names.push(`${registry.host}/${name}:1`);
		const words = ['copy', '-q', '--dest-tls-verify=false', `oci:${layout}:latest`, `docker://${names.at(-1)}`];
		execFileSync('skopeo', words, { stdio: 'pipe' });
	}
});
afterAll(async () => {
	await registry.close();
	base.remove();
});

const tsrun = (...words: readonly string[]) => runTsrun(sandbox, words, { timeoutMs: 60_000 });
const [SEED, KILLS] = [4711, SLOWNESS > 1 ? 10 : 60];

it(
	`SIGKILL at ${KILLS} random moments of pull leaves a store in which nothing is damaged, and the next pull works`,
	async () => {
		const random = seededRandom(SEED);
		const start = performance.now();
		expect((await tsrun('pull', '-q', names[0] ?? '')).exitCode).toBe(0);
		const longest = performance.now() - start;
		let killed = 0;
		for (let round = 0; killed < KILLS && round < KILLS * 4; round++) {
			if (random(3) > 0) await tsrun('rmi', '-f', ...names);
			if (await killedAfter(sandbox, ['pull', '-q', names[random(2)] ?? ''], random(Math.ceil(longest)))) killed++;
			if (round % 15 === 14)
				expect((await check(sandbox)).findings.filter(({ kind }) => kind === 'damage')).toEqual([]);
		}
		expect(killed).toBeGreaterThanOrEqual(KILLS / 2);
		const repaired = await check(sandbox, '--repair');
		expect(repaired.findings.filter(({ outcome }) => outcome?.isRepaired !== true)).toEqual([]);
		expect((await check(sandbox)).findings).toEqual([]);
		for (const name of names) expect((await tsrun('run', '--rm', '--pull', 'always', name)).exitCode).toBe(0);
		await tsrun('rmi', ...names);
		expect(contents(sandbox)).toEqual([]);
	},
	600_000 * SLOWNESS,
);

it(
	'several pulls of one image and others at once, with removals between, end well or by name',
	async () => {
		const random = seededRandom(SEED);
		const failures: string[] = [];
		const worker = async (): Promise<void> => {
			for (let round = 0; round < 6; round++) {
				const name = names[random(2)] ?? '';
				const words = random(3) === 0 ? ['rmi', '-f', name] : ['pull', '-q', name];
				const { exitCode, stderr } = await tsrun(...words);
				if (exitCode !== 0 && !/no image ".*" in the store/.test(stderr))
					failures.push(`${words.join(' ')}: ${stderr}`);
			}
		};
		await Promise.all([worker(), worker(), worker(), worker()]);
		expect(failures).toEqual([]);
		expect((await check(sandbox)).findings).toEqual([]);
		await tsrun('system', 'prune', '-af');
		expect(contents(sandbox)).toEqual([]);
	},
	300_000 * SLOWNESS,
);
