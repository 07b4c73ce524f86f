import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TsrunError } from '../../../src/core/errors.ts';
import { readHostFacts } from '../../../src/host/read-host-facts.ts';
import { readSpecFacts } from '../../../src/host/read-spec-facts.ts';
import { encodePlan } from '../../../src/native/encode.ts';
import { spawnMachine } from '../../../src/native/machine.ts';
import { decodeProgress, PROGRESS_SIZE } from '../../../src/native/progress.ts';
import type { Capabilities } from '../../../src/oci/runtime-spec.ts';
import { compilePlan } from '../../../src/plan/compile.ts';
import type { SpecFacts } from '../../../src/plan/spec-facts.ts';
import { newContainerId } from '../../../src/runtime/new-container-id.ts';
import { wordFailure } from '../../../src/runtime/report-failure.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/spec/default-capabilities.ts';
import { validateSpec } from '../../../src/spec/validate-spec.ts';
import { createContainerState, openStateDirectory } from '../../../src/state/state-directory.ts';
import { compileWitness } from './compile-witness.ts';
import type { Sandbox } from './run-tsrun.ts';
import { SLOWNESS } from './slowness.ts';
import { parseWitness, type WitnessOutput } from './witness.ts';

/** A config.json that is changed before it is used; its types are what the test wants to try. */
// biome-ignore lint/suspicious/noExplicitAny: tests put wrong values in on purpose
export type Config = Record<string, any>;

const FOLDERS = ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp'];
const SETS: readonly (keyof Capabilities)[] = ['bounding', 'effective', 'permitted'];

/** An OCI bundle whose program is the witness; `config.json` is written at each run. */
export function createBundle(sandbox: Sandbox, name = 'bundle'): string {
	const bundle = join(sandbox.dir, name);
	for (const folder of FOLDERS) mkdirSync(join(bundle, 'rootfs', folder), { recursive: true });
	copyFileSync(compileWitness(), join(bundle, 'rootfs/witness'));
	return bundle;
}

/** What `runc spec` writes, without a terminal and a network of its own, and with docker's capabilities. */
export function bundleConfig(...args: readonly string[]): Config {
	const flags = ['nosuid', 'noexec', 'nodev'];
	return {
		ociVersion: '1.0.2',
		process: {
			user: { uid: 0, gid: 0 },
			args: ['/witness', ...args],
			env: ['PATH=/bin'],
			cwd: '/',
			capabilities: Object.fromEntries(SETS.map(set => [set, [...DEFAULT_CAPABILITIES]])),
		},
		root: { path: 'rootfs' },
		mounts: [
			{ destination: '/proc', type: 'proc', source: 'proc' },
			{
				destination: '/dev',
				type: 'tmpfs',
				source: 'tmpfs',
				options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'],
			},
			{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...flags, 'ro'] },
		],
		linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map(type => ({ type })) },
	};
}

export interface BundleRun {
	readonly exitCode: number;
	readonly stdout: string;
	readonly witness: WitnessOutput;
	/** What tsrun says of a step that failed. */
	readonly error?: TsrunError;
}

/**
 * Runs the configuration in the bundle, from its parsed JSON on as every command does; on a host of which facts may be pretended.
 * @throws TsrunError where it is refused before the first step
 */
export async function runBundle(
	sandbox: Sandbox,
	bundle: string,
	config: Config,
	pretended: SpecFacts = {},
): Promise<BundleRun> {
	const spec = validateSpec(JSON.parse(JSON.stringify(config)));
	const id = newContainerId();
	const facts = {
		...readHostFacts({ paths: [], devices: [], cgroupsPath: `/tsrun/${id}` }),
		...readSpecFacts(spec),
		...pretended,
	};
	const plan = compilePlan({
		spec,
		facts,
		container: {
			id,
			rootfs: { kind: 'directory', path: join(bundle, 'rootfs') },
			streams: { stdin: 'null', stdout: 'inherit', stderr: 'inherit' },
			terminal: { raw: false, input: false },
			noPivot: false,
			reaper: false,
			life: { kind: 'supervised' },
			handOver: {},
			hooks: { id, bundle },
			newKeyring: true,
			remove: { trees: [], links: [] },
		},
	});
	const encoded = encodePlan(plan);
	const state = openStateDirectory(sandbox.state);
	const progressFd = createContainerState(state, { state: stateOf(id, bundle), plan: encoded });
	const output = join(sandbox.dir, `output-${id}`);
	const out = openSync(output, 'w+');
	const exitCode = await spawnMachine({ plan: encoded, progressFd }, [openSync('/dev/null', 'r'), out, out]);
	const stdout = readFileSync(output, 'utf8');
	const bytes = new Uint8Array(PROGRESS_SIZE);
	readSync(progressFd, bytes, 0, PROGRESS_SIZE, 0);
	const progress = decodeProgress(bytes);
	rmSync(output);
	return {
		exitCode,
		stdout,
		witness: parseWitness(stdout),
		...(progress?.failed === undefined ? {} : { error: wordFailure(plan, progress) }),
	};
}

function stateOf(id: ReturnType<typeof newContainerId>, directory: string) {
	return {
		version: 1,
		id,
		name: `bundle-${id.slice(0, 12)}`,
		image: '',
		imageDigest: '',
		command: [],
		created: Date.now(),
		directory,
		labels: {},
		autoRemove: true,
	} as const;
}

/** The same configuration under runc or crun, on a copy of the bundle's root. */
export async function runUnder(
	runtime: 'runc' | 'crun',
	sandbox: Sandbox,
	config: Config,
): Promise<{ readonly exitCode: number; readonly stderr: string; readonly witness: WitnessOutput }> {
	const bundle = join(sandbox.dir, runtime);
	rmSync(bundle, { recursive: true, force: true });
	mkdirSync(bundle);
	execFileSync('cp', ['-a', join(createBundle(sandbox, `${runtime}-root`), 'rootfs'), bundle]);
	writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
	const id = `tsrun-test-${process.pid}-${Date.now()}`;
	const root = join(sandbox.dir, `${runtime}-state`);
	const { exitCode, stdout, stderr } = await execa(runtime, ['--root', root, 'run', '--bundle', bundle, id], {
		stdin: 'ignore',
		reject: false,
		timeout: 60_000 * SLOWNESS,
	});
	return { exitCode: exitCode ?? -1, stderr, witness: parseWitness(stdout) };
}
