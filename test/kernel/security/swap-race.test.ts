import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../../../src/plan/step.ts';
import type { MountRequest } from '../../../src/spec/run-options.ts';
import { createSandbox, runTsrun } from '../support/run-tsrun.ts';
import { parseWitness } from '../support/witness.ts';
import { witnessImage } from '../support/witness-image.ts';
import { type Canary, makeCanary } from './support/canary.ts';
import { runPlan } from './support/run-plan.ts';
import { startSwap } from './support/start-swap.ts';

const STARTS = 80;
const EINVAL = 22;

const sandbox = createSandbox();
let image = '';
let canary: Canary;
/** Of the attacker, who writes in it from another container. */
let shared = '';
/** Of the victim. */
let inner = '';

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		files: [{ name: 'climbs', linkname: 'tmp/../tmp/../tmp/../tmp/../tmp' }],
	});
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
let count = 0;
beforeEach(() => {
	const dir = join(sandbox.dir, `case-${count++}`);
	[shared, inner] = [join(dir, 'shared'), join(dir, 'inner')];
	canary = makeCanary(join(dir, 'canary'));
	mkdirSync(join(shared, 'place/sub'), { recursive: true });
	mkdirSync(join(shared, 'other/sub'), { recursive: true });
	mkdirSync(inner);
	writeFileSync(join(inner, 'secret'), 'of the victim');
});
afterAll(() => sandbox.remove());

const bind = (source: string, destination: string, readonly = false): MountRequest => ({
	kind: 'bind',
	source,
	destination,
	readonly,
	propagation: 'rprivate',
	recursive: 'enabled',
	createSource: false,
});

interface Outcome {
	readonly ran: number;
	readonly refused: number;
	/** Lines of mountinfo whose source nobody declared. */
	readonly foreign: readonly string[];
}

/** Starts containers with nested mounts while the names below the shared volume are exchanged. */
async function race(mounts: readonly MountRequest[], names: readonly [string, string]): Promise<Outcome> {
	const stop = startSwap(sandbox, shared, names);
	const [outcomes, declared] = [[] as (readonly string[] | undefined)[], mounts.map(sourceOf)];
	for (let start = 0; start < STARTS; start++) {
		const { exitCode, stdout, prepared } = await runPlan(sandbox, { image, options: { mounts } });
		const lines = exitCode === 0 ? parseWitness(stdout).report.mounts : undefined;
		outcomes.push(lines?.filter(line => !line.includes(prepared.id)));
	}
	await stop();
	const lines = outcomes.flatMap(each => each ?? []);
	const onDisk = lines.filter(line => (line.split(' ')[3] ?? '').includes('tsrun-test-'));
	return {
		ran: outcomes.filter(each => each !== undefined).length,
		refused: outcomes.filter(each => each === undefined).length,
		foreign: onDisk.filter(line => !declared.some(source => line.split(' ')[3]?.endsWith(source))),
	};
}

/** As mountinfo names it, whatever file system /tmp is on. */
function sourceOf(mount: MountRequest): string {
	return mount.kind === 'bind' ? mount.source.slice(mount.source.indexOf('/tsrun-test-')) : '?';
}

describe('while another container exchanges a directory for a link (CVE-2021-30465)', () => {
	it.each([
		['the root of the host', '/'],
		['a path that climbs', '../../../../../../../..'],
	])('to %s, a nested mount lands in the container or nowhere', async (_, target) => {
		symlinkSync(target, join(shared, 'link'));
		const outcome = await race([bind(shared, '/shared'), bind(inner, '/shared/place/sub')], ['place', 'link']);
		expect(outcome.foreign).toEqual([]);
		expect(outcome.ran).toBeGreaterThan(0);
		expect(canary.changes()).toEqual([]);
	});

	it('to a directory of the host, no missing place is made there (CVE-2024-45310)', async () => {
		symlinkSync(canary.dir, join(shared, 'link'));
		const before = readdirSync(sandbox.dir);
		const outcome = await race(
			[
				bind(shared, '/shared'),
				bind(inner, '/shared/place/new/dir'),
				bind(join(inner, 'secret'), '/shared/place/a/file'),
			],
			['place', 'link'],
		);
		expect(outcome.foreign).toEqual([]);
		expect(canary.changes()).toEqual([]);
		expect(readdirSync(sandbox.dir).filter(name => name !== 'swap')).toEqual(before.filter(name => name !== 'swap'));
	});
});

describe('while anything on the machine is renamed', () => {
	it('a path with .. is still resolved (openat2(2), EAGAIN)', async () => {
		const outcome = await race([bind(inner, '/climbs/here')], ['place', 'other']);
		expect(outcome).toEqual({ ran: STARTS, refused: 0, foreign: [] });
	});
});

describe('when another container exchanges two directories between a mount and the call that makes it read-only', () => {
	it('it is made read-only where it is now', async () => {
		const [decoy, arrived, goOn] = ['decoy', 'arrived', 'go-on'].map(name => join(shared, '..', name)) as [
			string,
			string,
			string,
		];
		mkdirSync(decoy);
		execFileSync('mkfifo', [arrived, goOn]);
		const wait = (path: string): Step => ({
			op: 'setns',
			path,
			type: 0,
			tolerate: [EINVAL],
			phase: 'mounts',
			why: 'wait for a writer',
		});
		const { exitCode, stdout } = await runPlan(sandbox, {
			image,
			options: {
				mounts: [bind(shared, '/shared'), bind(decoy, '/shared/other/sub'), bind(inner, '/shared/place/sub', true)],
			},
			change: plan => {
				const mounted = plan.init.findIndex(step => step.op === 'mountInRoot' && step.target === '/shared/place/sub');
				expect(mounted).toBeGreaterThan(0);
				return { ...plan, init: plan.init.toSpliced(mounted + 1, 0, wait(arrived), wait(goOn)) };
			},
			meanwhile: async () => {
				await (await open(arrived, 'w')).close();
				exchange(shared, 'place', 'other');
				await (await open(goOn, 'w')).close();
			},
		});
		expect(exitCode).toBe(0);
		const mounts = parseWitness(stdout).report.mounts.map(line => line.split(' '));
		const optionsOf = (source: string) =>
			mounts.filter(([, , , root]) => root?.endsWith(source)).map(fields => fields[5]);
		expect(optionsOf(sourceOf(bind(inner, '/')))).toEqual([expect.stringMatching(/^ro\b/)]);
		expect(optionsOf(sourceOf(bind(join(shared, '../decoy'), '/')))).toEqual([expect.stringMatching(/^rw\b/)]);
	});
});

/** One exchange of two names, by three renames: nobody looks meanwhile. */
function exchange(directory: string, a: string, b: string): void {
	renameSync(join(directory, a), join(directory, 'between'));
	renameSync(join(directory, b), join(directory, a));
	renameSync(join(directory, 'between'), join(directory, b));
}
