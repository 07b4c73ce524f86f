import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';
import { check, contents, manyFiles, seededRandom } from './support.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.remove());
const images: string[] = [];

beforeAll(async () => {
	const shared = manyFiles('shared', 60);
	for (const name of ['a', 'b']) {
		images.push(await witnessImage(join(sandbox.dir, name), { layers: [shared, manyFiles(name, 60)] }));
	}
});

/** What commands may meet when others work on the same images: said in words, and nothing else. */
const EXPECTED =
	/^tsrun: (no image ".*" in the store|image .* was removed while the container was made|image .* was removed meanwhile|image .* is used by (running )?container .*|container .* is .*)\n( {2}hint: .*\n)?$/;

it(
	'many processes load, run, remove, prune and check at once; each does what it says or names why not',
	async () => {
		const [a = '', b = ''] = images;
		const commands: readonly (readonly string[])[] = [
			['load', a],
			['load', b],
			['run', '--rm', '--pull', 'never', a],
			['run', '--rm', '--pull', 'never', 'a'],
			['run', '--rm', '--pull', 'never', 'b'],
			['run', '--rm', '--pull', 'never', 'a'],
			['rmi', 'a'],
			['rmi', '-f', 'b'],
			['image', 'prune', '-af'],
			['system', 'check'],
			['system', 'df'],
			['images', '-q'],
		];
		const failures: string[] = [];
		let succeeded = 0;
		const worker = async (seed: number): Promise<void> => {
			const random = seededRandom(seed);
			for (let round = 0; round < 9 / STRIDE; round++) {
				const words = commands[random(commands.length)] ?? [];
				const { exitCode, stdout, stderr } = await runTsrun(sandbox, words, { timeoutMs: 100_000 });
				if (exitCode === 0) succeeded++;
				else if (!EXPECTED.test(stderr)) failures.push(`${words.join(' ')} → ${exitCode}\n${stdout}${stderr}`);
			}
		};
		await Promise.all(Array.from({ length: 8 }, (_, index) => worker(1000 + index)));
		expect(failures).toEqual([]);
		expect(succeeded).toBeGreaterThan(20 / STRIDE);
		expect((await check(sandbox)).findings.filter(({ kind }) => kind === 'damage')).toEqual([]);
		await runTsrun(sandbox, ['system', 'prune', '-af']);
		expect(contents(sandbox)).toEqual([]);
	},
	600_000 * SLOWNESS,
);

it('removing an image waits for no load', async () => {
	await runTsrun(sandbox, ['load', images[0] ?? '']);
	const slow = await witnessImage(join(sandbox.dir, 'slow'), { layers: [manyFiles('slow', 3000)] });
	let isLoading = true;
	const load = runTsrun(sandbox, ['load', slow]).finally(() => {
		isLoading = false;
	});
	const { exitCode } = await runTsrun(sandbox, ['rmi', 'a']);
	expect([exitCode, isLoading]).toEqual([0, true]);
	expect((await load).exitCode).toBe(0);
	expect((await check(sandbox)).findings).toEqual([]);
});
