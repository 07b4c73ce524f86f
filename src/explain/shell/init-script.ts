import type { Step, StepOf } from '../../plan/step.ts';
import type { Difference } from './differences.ts';
import { nsenterOption, unshareOptions } from './namespace-words.ts';
import { isProgramStep, limitCommand, type ProgramStep, programCommands } from './program-commands.ts';
import { shellWord, shellWords } from './shell-word.ts';
import { hasNewUserNamespace, stepCommands, unsupported } from './step-commands.ts';
import { StepLines } from './step-lines.ts';
import type { Bridge } from './surroundings.ts';

export interface InitScript {
	/** Bodies of functions: a namespace is entered by a command, which calls the next one. */
	readonly stages: readonly (readonly string[])[];
	readonly missing: ReadonlySet<Difference>;
}

export const stageName = (index: number): string => (index === 0 ? 'init' : `init_${index + 1}`);

/** What runs in the new namespaces. @param waits whether the host has something to do once init is there */
export function initScript(steps: readonly Step[], bridges: readonly Bridge[], waits: boolean): InitScript {
	const pivot = steps.findIndex(({ op }) => op === 'pivotRoot');
	const before = pivot < 0 ? steps : steps.slice(0, pivot);
	const after = pivot < 0 ? [] : steps.slice(pivot + 1);
	const stages: (readonly string[])[] = [];
	const missing = new Set<Difference>();
	let stage = new StepLines();
	const endStage = (): void => {
		const start = stages.length === 0 && waits ? ['read -r -u "$down"', ''] : [];
		stages.push(['set -Eeuo pipefail', ...start, ...stage.lines]);
		for (const difference of stage.missing) missing.add(difference);
		stage = new StepLines();
	};
	for (const step of before) {
		if (step.op === 'unshare' || step.op === 'setns') {
			stage.add(step, [`exec ${enterCommand(step)} -- "$BASH" --norc -c ${stageName(stages.length + 1)}`]);
			endStage();
		} else if (step.op === 'turn') {
			stage.add(step, ['echo >&"$up"', 'read -r -u "$down"']);
		} else {
			addStep(stage, step, bridges);
		}
	}
	const pivotStep = steps[pivot];
	if (pivotStep !== undefined) enterRoot(stage, { pivotStep, before, after, bridges });
	endStage();
	return { stages, missing };
}

function enterCommand(step: StepOf<'unshare' | 'setns'>): string {
	if (step.op === 'setns') return `nsenter ${shellWord(`${nsenterOption(step.type)}=${step.path}`)}`;
	if (hasNewUserNamespace(step.flags)) throw unsupported(step);
	return `unshare ${unshareOptions(step.flags).join(' ')}`;
}

function addStep(stage: StepLines, step: Step, bridges: readonly Bridge[]): void {
	const { lines, missing } = stepCommands(step, bridges);
	stage.add(step, lines, missing === undefined ? [] : [missing]);
}

interface RootChange {
	readonly pivotStep: Step;
	readonly before: readonly Step[];
	readonly after: readonly Step[];
	readonly bridges: readonly Bridge[];
}

/** Names are set while the host's /proc can be written; what comes after the change of the root needs the programs that were carried along. */
function enterRoot(stage: StepLines, { pivotStep, before, after, bridges }: RootChange): void {
	const isName = ({ op }: Step): boolean => op === 'sethostname' || op === 'setdomainname';
	for (const step of after.filter(isName)) addStep(stage, step, bridges);
	stage.add(pivotStep, pivotLines(before, after));
	const program: ProgramStep[] = [];
	for (const step of after) {
		if (isName(step)) continue;
		if (step.op === 'chdir' || isProgramStep(step)) program.push(step);
		else if (step.op === 'rlimit') stage.add(step, [limitCommand(step)]);
		else if (step.op === 'mount')
			stage.add(
				step,
				stepCommands(step, bridges).lines.map(line => `"\${tool[@]}" ./${line}`),
			);
		else addStep(stage, step, bridges);
	}
	const { lines, missing } = programCommands(program);
	const last = program.at(-1);
	if (last === undefined) return;
	for (const step of program.slice(0, -1)) stage.note(step);
	stage.add(last, lines, missing);
}

/**
 * pivot_root(2) puts the old root on a directory of the new one. That of a mount serves without making one: what lies there is covered for
 * a moment.
 */
function pivotLines(before: readonly Step[], after: readonly Step[]): readonly string[] {
	const has = (op: Step['op']): boolean => after.some(step => step.op === op);
	const carried = [
		'umount',
		'setpriv',
		'env',
		'mount',
		...(has('setsid') ? ['setsid'] : []),
		...(has('rlimit') ? ['prlimit'] : []),
	];
	const place = coveredDirectory(before);
	const old = shellWord(place ?? '/.old-root');
	return [
		`carry ${shellWords(carried)}`,
		...(place === undefined ? [`mkdir -p -- "$root"${old}`] : []),
		`(cd "$root" && pivot_root . .${old})`,
		`"\${tool[@]}" ./mount --make-rslave ${old}`,
		`"\${tool[@]}" ./umount -l ${old}`,
	];
}

/** Not a proc file system, in which umount(8) looks for the mount. */
function coveredDirectory(steps: readonly Step[]): string | undefined {
	const mounts = steps.filter(step => step.op === 'tmpfsInRoot' || step.op === 'mountInRoot');
	const found = mounts.find(step => step.op === 'tmpfsInRoot' || ['tmpfs', 'sysfs', 'devpts'].includes(step.type));
	return found?.target;
}
