import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blobAnswer, type FakeRegistry, fakeRegistry } from '../../unit/image/registry/fake-registry.ts';
import { createSandbox, runTsrun, type Sandbox } from '../support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';
import { check, contents, killedAfter, manyFiles, seededRandom } from './support.ts';

const base = createSandbox();
const sandbox: Sandbox = { ...base, env: { ...base.env, CONTAINERS_REGISTRIES_CONF: '/dev/null' } };
const tsrun = (...words: readonly string[]) => runTsrun(sandbox, words, { timeoutMs: 100_000 });
let registry: FakeRegistry;
const SEED = 20_261_124;

beforeAll(async () => {
	const shared = manyFiles('shared', 150);
	const blobs = new Map<string, Buffer>();
	const manifests = new Map<string, Buffer>();
	for (const name of ['a', 'b']) {
		const dir = join(base.dir, name);
		mkdirSync(dir);
		await witnessImage(dir, {
			layers: [shared, manyFiles(name, 100), [{ name: 'shared/d1/.wh.f1', data: '' }]],
		});
		for (const hex of readdirSync(join(dir, 'blobs/sha256'))) {
			blobs.set(`sha256:${hex}`, readFileSync(join(dir, 'blobs/sha256', hex)));
		}
		const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as { manifests: [{ digest: string }] };
		manifests.set(name, blobs.get(index.manifests[0].digest) ?? Buffer.alloc(0));
	}
	registry = await fakeRegistry(asked => {
		const blob = blobs.get(/\/blobs\/(sha256:\w+)$/.exec(asked.path)?.[1] ?? '');
		if (blob !== undefined) return blobAnswer(asked, blob);
		const [, name = '', reference = ''] = /^\/v2\/(\w)\/manifests\/(.+)$/.exec(asked.path) ?? [];
		const body = blobs.get(reference) ?? manifests.get(name);
		const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
		return body === undefined ? undefined : { body, headers };
	});
});
afterAll(async () => {
	await registry.close();
	base.remove();
});

type Words = readonly string[];
/** Of one image, as commands name it. */
interface Names {
	readonly pulled: string;
	readonly layout: string;
	readonly loaded: string;
}

const namesOf = (round: number): Names => {
	const name = round % 2 === 0 ? 'a' : 'b';
	return { pulled: `${registry.host}/${name}:1`, layout: `oci:${join(base.dir, name)}:latest`, loaded: name };
};
const pull = ({ pulled }: Names): Words => ['pull', '-q', '--tls-verify=false', pulled];
const load = ({ layout }: Names): Words => ['load', layout];

/** Spread evenly over the time that the command takes, `random` within each share of it. */
async function killEverywhere(
	kills: number,
	words: (round: number) => Words,
	before: (round: number) => Promise<unknown>,
): Promise<number> {
	const durations: number[] = [];
	for (const round of [0, 1]) {
		await before(round);
		const start = performance.now();
		expect(await tsrun(...words(round))).toMatchObject({ exitCode: 0, stderr: '' });
		durations.push(performance.now() - start);
	}
	const random = seededRandom(SEED);
	let killed = 0;
	for (let round = 0; round < kills; round++) {
		await before(round);
		const moment = ((round + random(1000) / 1000) / kills) * Math.min(...durations);
		if (await killedAfter(sandbox, words(round), moment)) killed++;
		if (round % 20 === 19) expect((await check(sandbox)).findings.filter(({ kind }) => kind === 'damage')).toEqual([]);
	}
	return killed;
}

const nothing = async (round: number): Promise<unknown> =>
	round % 2 === 0 ? tsrun('rmi', '-f', namesOf(round).loaded, namesOf(round).pulled) : undefined;
const loaded = (round: number): Promise<unknown> => tsrun(...load(namesOf(round)));

it.each<readonly [command: string, kills: number, words: (round: number) => Words, before: typeof nothing]>([
	['pull', 80, round => pull(namesOf(round)), nothing],
	['load', 60, round => load(namesOf(round)), nothing],
	['rmi', 40, round => ['rmi', '-f', namesOf(round).loaded], loaded],
	['prune', 40, () => ['image', 'prune', '-af'], loaded],
])(
	'SIGKILL at random moments of %s leaves nothing damaged: the next command works, and prune finds the garbage',
	async (_, count, words, before) => {
		const kills = Math.ceil(count / STRIDE);
		// every second round begins with an image that is there, so a command may have ended by its moment
		expect(await killEverywhere(kills, words, before)).toBeGreaterThanOrEqual(kills * 0.3);
		const repaired = await check(sandbox, '--repair');
		expect(repaired.findings.filter(({ outcome }) => outcome?.isRepaired !== true)).toEqual([]);
		expect((await check(sandbox)).findings).toEqual([]);
		for (const round of [0, 1]) {
			expect((await tsrun(...pull(namesOf(round)))).exitCode).toBe(0);
			expect((await tsrun(...load(namesOf(round)))).exitCode).toBe(0);
		}
		expect((await tsrun('run', '--rm', 'a')).exitCode).toBe(0);
		expect((await tsrun('image', 'prune', '-af')).exitCode).toBe(0);
		expect(contents(sandbox)).toEqual([]);
	},
	600_000 * SLOWNESS,
);

it('what killed commands left is garbage that prune removes', async () => {
	let garbage = 0;
	for (let delay = 40; garbage === 0 && delay < 4000 * SLOWNESS; delay = Math.ceil(delay * 1.3)) {
		await killedAfter(sandbox, load(namesOf(0)), delay);
		garbage = (await check(sandbox)).findings.length;
		if (garbage === 0) await tsrun('rmi', '-f', 'a');
	}
	expect(garbage).toBeGreaterThan(0);
	await tsrun('rmi', '-f', 'a');
	const { stdout } = await tsrun('system', 'prune', '-f');
	expect(stdout).toMatch(/Total reclaimed space: /);
	expect(contents(sandbox)).toEqual([]);
	expect((await check(sandbox)).findings).toEqual([]);
});
