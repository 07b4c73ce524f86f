import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';
import { check, contents, killedAfter, manyFiles, seededRandom } from './support.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.remove());
const images: string[] = [];
const tsrun = (...words: readonly string[]) => runTsrun(sandbox, words);

const SEED = 20_261_124;
const KILLS = 200 / STRIDE;

beforeAll(async () => {
	const shared = manyFiles('shared', 150);
	for (const name of ['a', 'b']) {
		const layers = [shared, manyFiles(name, 100), [{ name: 'shared/d1/.wh.f1', data: '' }]];
		images.push(await witnessImage(join(sandbox.dir, name), { layers }));
	}
});

it(
	`SIGKILL at ${KILLS} random moments of load, rmi and prune leaves a store in which nothing is damaged`,
	async () => {
		const random = seededRandom(SEED);
		const longest = new Map<string, number>();
		const measure = async (...words: readonly string[]): Promise<void> => {
			const start = performance.now();
			await tsrun(...words);
			longest.set(words[0] ?? '', performance.now() - start);
		};
		const commands: readonly (readonly string[])[] = [
			['load', images[0] ?? ''],
			['load', images[1] ?? ''],
			['rmi', '-f', 'a'],
			['rmi', '-f', 'b'],
			['image', 'prune', '-af'],
		];
		for (const words of commands) await measure(...words);
		let killed = 0;
		for (let round = 0; killed < KILLS && round < KILLS * 4; round++) {
			const words = commands[random(commands.length)] ?? [];
			if (words[0] !== 'load' && random(2) === 0) await tsrun('load', images[random(2)] ?? '');
			const isKilled = await killedAfter(sandbox, words, random(Math.ceil(longest.get(words[0] ?? '') ?? 100)));
			if (isKilled) killed++;
			if (round % 20 === 19)
				expect((await check(sandbox)).findings.filter(({ kind }) => kind === 'damage')).toEqual([]);
		}
		expect(killed).toBeGreaterThanOrEqual(KILLS / 2);
		const repaired = await check(sandbox, '--repair');
		expect(repaired.findings.filter(({ outcome }) => outcome?.isRepaired !== true)).toEqual([]);
		expect((await check(sandbox)).findings).toEqual([]);
		// and the next commands work
		for (const image of images) expect((await tsrun('load', image)).exitCode).toBe(0);
		expect((await tsrun('run', '--rm', 'a')).exitCode).toBe(0);
		expect((await tsrun('rmi', 'a', 'b')).stderr).toBe('');
		expect(contents(sandbox)).toEqual([]);
	},
	600_000 * SLOWNESS,
);

it('what killed commands left is garbage that prune removes', async () => {
	let garbage = 0;
	for (let delay = 40; garbage === 0 && delay < 4000 * SLOWNESS; delay = Math.ceil(delay * 1.3)) {
		await killedAfter(sandbox, ['load', images[0] ?? ''], delay);
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
