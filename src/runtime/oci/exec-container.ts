import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { planNotes } from '../../explain/plan-notes.ts';
import { readHostFacts } from '../../host/read-host-facts.ts';
import { readSpecFacts } from '../../host/read-spec-facts.ts';
import { encodePlan } from '../../native/encode.ts';
import { becomeMachine } from '../../native/machine.ts';
import { emptyProgress } from '../../native/progress.ts';
import type { Process, RuntimeSpec, SpecNamespaceType } from '../../oci/runtime-spec.ts';
import type { ContainerInput } from '../../plan/container-input.ts';
import { compileExec, type ExecTarget } from '../../plan/exec.ts';
import { grantCapabilities } from '../../plan/grant-capabilities.ts';
import { type ExecFlags, execProcess } from '../../spec/exec-process.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { type ContainerRecord, containerStateDir, openStateDirectory } from '../../state/state-directory.ts';
import { standardTerminals } from '../open-container-roots.ts';
import { readJsonFile } from '../read-json-file.ts';
import { containerCgroups } from './container-cgroups.ts';
import type { ContainerLog } from './create-container.ts';
import { dockerContainer, dockerProcess } from './exec-as-docker.ts';
import { execCgroups } from './exec-cgroups.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { isFrozen } from './freezer.ts';
import { withHome } from './home-directory.ts';
import { type CreateOptions, handOverOf } from './prepare-bundle.ts';
import { requirePreserved } from './require-preserved.ts';

export interface ExecRequest {
	readonly stateRoot: string;
	readonly container: string;
	/** The process: a command and flags, or a file with the `process` of a config.json. */
	readonly process: { readonly args: readonly string[]; readonly flags: ExecFlags } | { readonly file: string };
	/** As docker has it, for a container of `tsrun run`: standard input is not passed on unless asked for. */
	readonly interactive?: boolean;
	readonly options: ExecOptions;
	readonly reporter: readonly string[];
	readonly log: ContainerLog;
}

export interface ExecOptions extends Pick<CreateOptions, 'pidFile' | 'consoleSocket' | 'pidfdSocket' | 'preserveFds'> {
	readonly detach: boolean;
	readonly ignorePaused: boolean;
	/** `[controllers:]path` below the container's cgroup. */
	readonly cgroup: readonly string[];
}

/** Types by their files in /proc/<pid>/ns. */
const FILES: Readonly<Record<string, SpecNamespaceType>> = {
	user: 'user',
	pid: 'pid',
	ipc: 'ipc',
	uts: 'uts',
	net: 'network',
	cgroup: 'cgroup',
	time: 'time',
	mnt: 'mount',
};

/**
 * runc's `exec`: this process becomes the machine, and ends with the exit code of the program, or with 0 once it runs detached.
 * Returns only by an error.
 * @throws TsrunError TSRUN_CONTAINER_STATE, TSRUN_NO_SUCH_CONTAINER, TSRUN_BAD_CONFIG
 */
export function execInContainer(request: ExecRequest): never {
	const { options } = request;
	requirePreserved(options.preserveFds);
	const directory = openStateDirectory(request.stateRoot);
	const record = findBundleContainer(directory, request.container);
	requireRunning(record, options.ignorePaused);
	const { id } = record.state;
	const spec = specOf(record, containerStateDir(directory, id), request.process);
	const facts = readHostFacts({ paths: [], devices: [] });
	const asked = withHome(requireProcess(spec), `/proc/${record.progress.init}/root`);
	const { process, warnings } = grantCapabilities(asked, spec, facts);
	if (record.state.run === undefined) requireConsole(process, options);
	const scratch = join(containerStateDir(directory, id), 'exec', randomBytes(8).toString('hex'));
	const plan = compileExec({
		spec,
		process,
		bundle: record.state.bundle?.path ?? '',
		rootfs: record.state.bundle?.rootfs ?? '/',
		facts: { ...facts, ...readSpecFacts({ ...spec, process }) },
		target: targetOf(record, options.cgroup),
		container: containerOf(record, process, request),
		scratch,
	});
	// --privileged means every capability that there is here.
	if (record.state.run === undefined) for (const warning of warnings) request.log.warn(warning);
	request.log.plan?.(plan);
	const encoded = encodePlan(plan, {
		reporter: [...request.reporter, '--exec', scratch, directory.root, id],
		notes: planNotes(plan),
	});
	mkdirSync(scratch, { recursive: true, mode: 0o700 });
	const progressFd = openSync(join(scratch, 'progress'), 'wx+', 0o600);
	try {
		writeSync(progressFd, emptyProgress());
		writeFileSync(join(scratch, 'plan'), encoded, { mode: 0o600 });
		return becomeMachine({ plan: encoded, progressFd, preserveFds: options.preserveFds });
	} catch (error) {
		rmSync(scratch, { recursive: true, force: true });
		closeSync(progressFd);
		throw error;
	}
}

function requireRunning(record: ContainerRecord, ignorePaused: boolean): void {
	const { state, status } = record;
	if (state.run !== undefined && status !== 'running') {
		throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container ${state.name} is not running`, { exitCode: 1 });
	}
	const fail = (words: string): TsrunError => new TsrunError('TSRUN_CONTAINER_STATE', words);
	if (status !== 'running' && status !== 'created') throw fail('cannot exec in a stopped container');
	if (!ignorePaused && isFrozen(containerCgroups(record)))
		throw fail('cannot exec in a paused container (use --ignore-paused to override)');
}

/** The container's configuration, with the process that is asked for in the place of its own. */
function specOf({ state, progress }: ContainerRecord, stateDir: string, asked: ExecRequest['process']): RuntimeSpec {
	const path = join(state.run === undefined ? stateDir : state.directory, 'config.json');
	const config = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
	if (state.run !== undefined && 'args' in asked) {
		const spec = validateSpec(config);
		const root = `/proc/${progress.init}/root`;
		return { ...spec, process: dockerProcess(requireProcess(spec), root, asked) };
	}
	if ('file' in asked) return validateSpec({ ...config, process: readJsonFile('--process', asked.file) });
	return validateSpec({
		...config,
		process: execProcess(requireProcess(validateSpec(config)), asked.args, asked.flags),
	});
}

function requireProcess({ process }: RuntimeSpec): Process {
	if (process === undefined) throw new Error('a valid configuration has a process');
	return process;
}

function requireConsole({ terminal }: Process, { detach, consoleSocket }: ExecOptions): void {
	if (detach && terminal === true && consoleSocket === undefined) {
		throw new TsrunError(
			'TSRUN_NO_CONSOLE_SOCKET',
			'cannot allocate tty if runc will detach without setting console socket',
			{ hint: 'give --console-socket PATH, or leave out --tty' },
		);
	}
	if (consoleSocket !== undefined && !(detach && terminal === true)) {
		throw new TsrunError('TSRUN_CONSOLE_SOCKET', 'cannot use console socket if runc will not detach or allocate tty', {
			hint: 'leave out --console-socket, or give --tty and --detach',
		});
	}
}

function targetOf(record: ContainerRecord, cgroup: readonly string[]): ExecTarget {
	const { init, initStart = 0n } = record.progress;
	const linkOf = (pid: string, file: string): string => readlinkSync(`/proc/${pid}/ns/${file}`);
	const namespaces = Object.entries(FILES).flatMap(([file, type]) =>
		linkOf(String(init), file) === linkOf('self', file) ? [] : [type],
	);
	return {
		pid: init,
		startTime: initStart,
		namespaces,
		cgroups: execCgroups(containerCgroups(record), { init, words: cgroup }),
	};
}

function containerOf(
	{ state }: ContainerRecord,
	process: Process,
	{ options, interactive = false }: ExecRequest,
): Pick<ContainerInput, 'id' | 'streams' | 'terminal' | 'life' | 'handOver' | 'newKeyring'> {
	if (state.run !== undefined) return dockerContainer(state, process, { interactive, detach: options.detach });
	const { terminal } = process;
	const [stdin] = terminal === true && !options.detach ? standardTerminals() : [false];
	return {
		id: state.id,
		streams: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
		terminal: { raw: stdin, input: true, plainLines: !options.detach },
		life: { kind: options.detach ? 'detached' : 'supervised' },
		handOver: handOverOf(options),
		newKeyring: true,
	};
}
