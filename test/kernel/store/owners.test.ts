import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';
import { killedAfter, manyFiles, seededRandom } from './support.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.remove());
const images: string[] = [];
const tsrun = (...words: readonly string[]) => runTsrun(sandbox, words, { timeoutMs: 100_000 });

beforeAll(async () => {
	const shared = manyFiles('shared', 40);
	for (const name of ['a', 'b']) {
		const dir = join(sandbox.dir, name);
		const options = { layers: [shared, manyFiles(name, 30)], config: { Volumes: { '/data': {} } } };
		images.push(await witnessImage(dir, options));
	}
});

/** By du(1), which counts as the file system does. */
const measured = (): number => {
	const [bytes] = execFileSync('du', ['-sx', '--block-size=1', sandbox.root], { encoding: 'utf8' }).split('\t');
	return Number(bytes);
};

async function owned(): Promise<number> {
	const { stdout } = await tsrun('system', 'df', '--format', '{{.Bytes}}');
	return stdout
		.trimEnd()
		.split('\n')
		.reduce((sum, bytes) => sum + Number(bytes), 0);
}

it(
	'whatever commands have done, system df names an owner of every byte below the store',
	async () => {
		const [a = '', b = ''] = images;
		const random = seededRandom(20_261_128);
		const commands: readonly (readonly string[])[] = [
			['load', a],
			['load', b],
			['run', 'a'],
			['run', '--rm', 'b'],
			['run', '--name', 'kept', 'a'],
			['commit', 'kept', 'made:1'],
			['rm', 'kept'],
			['tag', 'b', 'other:2'],
			['rmi', 'b'],
			['rmi', '-f', 'a'],
			['image', 'prune', '-f'],
			['system', 'prune', '-f'],
		];
		const done: string[] = [];
		for (let round = 0; round < 24 / STRIDE; round++) {
			const words = commands[random(commands.length)] ?? [];
			// some of them are killed on their way, and others have nothing to do: whatever is left has an owner
			if (random(4) === 0) await killedAfter(sandbox, words, random(300));
			else await tsrun(...words);
			done.push(words.join(' '));
			expect({ done, bytes: await owned() }).toEqual({ done, bytes: measured() });
		}
		expect(measured()).toBeGreaterThan(0);
	},
	300_000 * SLOWNESS,
);
