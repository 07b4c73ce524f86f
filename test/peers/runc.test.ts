import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeSpec } from '../../src/oci/runtime-spec.ts';
import { createSandbox, runTsrun } from '../kernel/support/run-tsrun.ts';
import { parseWitness, type WitnessReport } from '../kernel/support/witness.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { expectSameView } from './support/same-view.ts';

/**
 * The same config.json carried out by tsrun and by runc, seen by the same witness from inside. What differs between two
 * containers of any runtime is left out; what differs between the two runtimes is in the list, with its reason.
 */
const sandbox = createSandbox();
let image = '';

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { config: { Env: ['A=1'], WorkingDir: '/tmp' } });
});
afterAll(() => sandbox.remove());

/** Runs tsrun once, then runc with the configuration that tsrun wrote, on a copy of the same layer. */
async function both(
	flags: readonly string[],
): Promise<{ readonly ours: WitnessReport; readonly runcs: WitnessReport }> {
	const name = `peer-${flags.length}`;
	const ours = await runTsrun(sandbox, ['run', '--name', name, ...flags, image, 'report']);
	expect(ours.stderr).toBe('');
	const [id = ''] = readdirSync(join(sandbox.root, 'containers'));
	const directory = join(sandbox.root, 'containers', id);
	const spec = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as RuntimeSpec;
	const bundle = join(sandbox.dir, `bundle-${name}`);
	mkdirSync(bundle);
	const [layer = ''] = readdirSync(join(sandbox.root, 'layers')).filter(entry => !entry.includes('.'));
	execFileSync('cp', ['-a', join(sandbox.root, 'layers', layer), join(bundle, 'rootfs')]);
	writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ...spec, root: { ...spec.root, path: 'rootfs' } }));
	const runc = await execa('runc', ['--root', join(sandbox.dir, 'runc'), 'run', '--bundle', bundle, `tsrun-${name}`], {
		stdin: 'ignore',
	});
	expect((await runTsrun(sandbox, ['rm', name])).exitCode).toBe(0);
	return { ours: ours.witness.report, runcs: parseWitness(runc.stdout).report };
}

describe('a container of tsrun is, seen from inside, what runc makes of the same configuration', () => {
	it.each([
		['by default', []],
		[
			'for a user, read-only, with limits and fewer capabilities',
			[
				'-u',
				'guest',
				'--read-only',
				'--cap-drop',
				'NET_RAW',
				'--cap-add',
				'SYS_PTRACE',
				'--ulimit',
				'nproc=50:60',
				'--tmpfs',
				'/scratch',
				'--hostname',
				'peer',
				'--pids-limit',
				'50',
				'--memory',
				'64m',
			],
		],
		[
			'without new privileges or a seccomp profile',
			['--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined', '--oom-score-adj', '100'],
		],
	])('%s', async (_, flags) => {
		const { ours, runcs } = await both(flags);
		expectSameView(ours, runcs);
	});
});
