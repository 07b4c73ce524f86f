import type { Step, StepOf } from '../../plan/step.ts';
import type { Difference } from './differences.ts';
import { bridgeCommands } from './link-commands.ts';
import { nsenterOption, unshareOptions } from './namespace-words.ts';
import { shellComment, shellWord } from './shell-word.ts';
import { hasNewUserNamespace, stepCommands, unsupported } from './step-commands.ts';
import { StepLines } from './step-lines.ts';
import type { Surroundings } from './surroundings.ts';

export interface HostScript {
	readonly lines: readonly string[];
	readonly missing: ReadonlySet<Difference>;
}

/** Whether the host has something to do between the birth of init and its going on alone. */
export function waitsForHost(setup: readonly Step[], bridges: Surroundings['bridges']): boolean {
	const after = setup.slice(setup.findIndex(({ op }) => op === 'clone' || op === 'clone3') + 1);
	return after.filter(({ op }) => op === 'turn').length > 1 || after.some(step => doesSomething(step, bridges));
}

const doesSomething = (step: Step, bridges: Surroundings['bridges']): boolean =>
	step.op !== 'turn' && stepCommands(step, bridges).lines.length > 0;

/** What runs on the host, up to the end of the container. */
export function setupScript(setup: readonly Step[], { bridges }: Surroundings): HostScript {
	const waits = waitsForHost(setup, bridges);
	const lastTurn = setup.findLastIndex(({ op }) => op === 'turn');
	const clone = setup.findIndex(({ op }) => op === 'clone' || op === 'clone3');
	const joins = setup.slice(0, clone).filter((step): step is StepOf<'setns'> => step.op === 'setns');
	const pipes = setup.filter((step): step is StepOf<'pipe'> => step.op === 'pipe');
	const script = new StepLines();
	setup.forEach((step, index) => {
		if (step.op === 'clone' || step.op === 'clone3') {
			if (hasNewUserNamespace(step.flags)) throw unsupported(step);
			script.add(step, [...(waits ? FIFOS : []), ...startLines(step, joins, pipes)]);
		} else if (step.op === 'unshare') {
			throw unsupported(step);
		} else if (step.op === 'turn') {
			if (waits) script.add(step, index === lastTurn ? ['echo >&"$down"'] : ['turn', 'find_init']);
		} else {
			const { lines, missing } = stepCommands(step, bridges);
			script.add(step, lines, missing === undefined ? [] : [missing]);
		}
	});
	return { lines: script.lines, missing: script.missing };
}

const FIFOS = ['mkfifo "$run/up" "$run/down"', 'exec {up}<> "$run/up" {down}<> "$run/down"', 'export up down'];
const COPIES = ['< <(cat)', '> >(cat)', '2> >(cat >&2)'];

/** In the background, so that a signal to the script finds it waiting and not deaf; a script that is killed takes the container along. */
function startLines(
	step: StepOf<'clone' | 'clone3'>,
	joins: readonly StepOf<'setns'>[],
	pipes: readonly StepOf<'pipe'>[],
): readonly string[] {
	const join = joins.map(({ type, path }) => shellWord(`${nsenterOption(type)}=${path}`)).join(' ');
	const enter = join === '' ? '' : `nsenter ${join} --no-fork -- `;
	const options = [...unshareOptions(step.flags), '--fork', '--kill-child'].join(' ');
	const streams = [0, 1, 2].flatMap(fd => (pipes.some(pipe => Number(pipe.fd) === fd) ? [COPIES[fd] ?? ''] : []));
	const input = pipes.some(pipe => Number(pipe.fd) === 0) ? [] : ['<&0'];
	return [
		`setpriv --pdeathsig KILL -- ${enter}unshare ${options} -- "$BASH" --norc -c init ${[...input, ...streams].join(' ')} &`,
		'job=$!',
	];
}

/** Init enters its v2 cgroup by itself; to be born into it has no command. */
export function enterCgroupLines(setup: readonly Step[]): readonly string[] {
	const clone = setup.find((step): step is StepOf<'clone3'> => step.op === 'clone3');
	if (clone === undefined || clone.cgroup === '') return [];
	return ['# init enters its cgroup of version 2', `echo 0 > ${shellWord(`${clone.cgroup}/cgroup.procs`)}`, ''];
}

/** What `run` makes before the first step. */
export function surroundingLines({ required, directories, files, bridges }: Surroundings): readonly string[] {
	return [
		...required.map(
			({ path, hint }) => `[[ -d ${shellWord(path)} ]] || fail ${shellWord(`${path} is not there: ${hint}`)}`,
		),
		...directories.flatMap(({ path, mode, uid = 0, gid = 0, keep, changed }) => [
			`${keep === true ? `[[ -e ${shellWord(path)} ]] || ` : ''}mkdir -p -m ${mode.toString(8)} -- ${shellWord(path)}`,
			...(uid === 0 && gid === 0 ? [] : [`chown ${uid}:${gid} -- ${shellWord(path)}`]),
			...(changed === undefined ? [] : [`touch -d @${changed} -- ${shellWord(path)}`]),
		]),
		...files.map(({ path, text }) => `printf '%s' ${shellWord(text)} > ${shellWord(path)}`),
		...bridges.flatMap(bridge => [
			shellComment(`the bridge of the network: ${bridge.name}`),
			...bridgeCommands(bridge),
		]),
	];
}

/** After the end, or after a failure: each may find nothing to undo. */
export function cleanupLines(teardown: readonly Step[], { bridges, directories }: Surroundings): readonly string[] {
	const script = new StepLines();
	for (const step of teardown) script.add(step, stepCommands(step, bridges).lines);
	const own = directories.filter(({ keep }) => keep !== true).map(({ path }) => path);
	const tops = own.filter(path => !own.some(other => path.startsWith(`${other}/`)));
	return [...script.lines, ...tops.map(path => `rm -rf --one-file-system -- ${shellWord(path)}`)];
}
