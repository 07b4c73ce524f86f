import { TsrunError } from '../../core/errors.ts';
import { CAPABILITIES } from '../../oci/capabilities.ts';
import { PR, RLIMITS } from '../../plan/linux-constants.ts';
import type { Step, StepOf } from '../../plan/step.ts';
import { quoted } from '../printable.ts';
import type { Difference } from './differences.ts';
import { shellWord, shellWords } from './shell-word.ts';

/** Steps that one command carries out, the last: setpriv(1) and env(1) set what the program has, and become it. */
export type ProgramStep = StepOf<
	| 'setsid'
	| 'umask'
	| 'prctl'
	| 'dropBounding'
	| 'setgroups'
	| 'setresgid'
	| 'setresuid'
	| 'capset'
	| 'raiseAmbient'
	| 'chdir'
	| 'exec'
>;

export interface ProgramCommands {
	readonly lines: readonly string[];
	readonly missing: readonly Difference[];
}

const UNLIMITED = 0xffff_ffff_ffff_ffffn;
const SIGKILL = 9;

/** @param steps those of {@link ProgramStep}, in the order of the plan */
export function programCommands(steps: readonly ProgramStep[]): ProgramCommands {
	const find = <O extends ProgramStep['op']>(op: O): StepOf<O> | undefined =>
		steps.findLast((step): step is StepOf<O> & ProgramStep => step.op === op) as StepOf<O> | undefined;
	const exec = find('exec');
	if (exec === undefined) return { lines: [], missing: [] };
	const directory = find('chdir')?.path ?? '/';
	const umask = find('umask');
	const uid = Number(find('setresuid')?.uid ?? 0);
	const variables = exec.env.filter(isVariable);
	const stages = [
		...(find('setsid') === undefined ? [] : [`"\${tool[@]}" ./setsid`]),
		`"\${tool[@]}" ./setpriv ${privilegeOptions(steps).join(' ')}`,
		`"\${tool[@]}" ./env -i --default-signal=INT,QUIT ${shellWord(`--chdir=${directory}`)} --`,
		...variables.map(shellWord),
		programWords(exec),
	];
	return {
		lines: [
			...(umask === undefined ? [] : [`umask 0${Number(umask.mask).toString(8)}`]),
			...`set -- ${stages.join(' \\\n\t')}`.split('\n'),
			'# bash would look for a relative name in the directory that it remembers, which is nowhere now',
			`exec "/proc/self/cwd/$1" "\${@:2}"`,
		],
		missing: [
			...(variables.length < exec.env.length ? ['environment' as const] : []),
			...(uid !== 0 && directory !== '/' ? ['working-directory' as const] : []),
		],
	};
}

/** env(1) takes what has a `=` for a variable, and whatever follows those for the program. */
const isVariable = (text: string): boolean => text.indexOf('=') > 0;

/** @throws TsrunError TSRUN_UNSUPPORTED for a name that env(1) would take for a variable, or for none */
function programWords({ argv }: StepOf<'exec'>): string {
	const [name = ''] = argv;
	if (name === '' || name.includes('=')) {
		throw new TsrunError('TSRUN_UNSUPPORTED', `--format sh: env(1) cannot start a program called ${quoted(name)}`, {
			hint: 'give another path to it',
		});
	}
	return shellWords(argv);
}

function privilegeOptions(steps: readonly ProgramStep[]): readonly string[] {
	const options = steps.flatMap((step): readonly string[] => {
		switch (step.op) {
			case 'dropBounding':
				return ['--bounding-set', capabilityList(step.keep)];
			case 'capset':
				return ['--inh-caps', capabilityList(step.inheritable)];
			case 'raiseAmbient':
				return ['--ambient-caps', capabilityList(step.set)];
			case 'setgroups':
				return groupOptions(step);
			case 'setresgid':
				return ['--regid', String(step.gid)];
			case 'setresuid':
				return ['--reuid', String(step.uid)];
			case 'prctl':
				return prctlOptions(step);
			default:
				return [];
		}
	});
	const needsGroups = options.includes('--regid') && !options.some(option => /-groups|--groups/.test(option));
	return [...options, ...(needsGroups ? ['--keep-groups'] : [])];
}

function groupOptions({ groups }: StepOf<'setgroups'>): readonly string[] {
	const bytes = typeof groups === 'string' ? new TextEncoder().encode(groups) : groups;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const ids = Array.from({ length: bytes.length >> 2 }, (_, index) => view.getUint32(index * 4, true));
	return ids.length === 0 ? ['--clear-groups'] : ['--groups', ids.join(',')];
}

function prctlOptions({ option, arg2 }: StepOf<'prctl'>): readonly string[] {
	if (Number(option) === PR.SET_NO_NEW_PRIVS) return ['--no-new-privs'];
	return Number(option) === PR.SET_PDEATHSIG && Number(arg2) === SIGKILL ? ['--pdeathsig', 'KILL'] : [];
}

/** `-all,+chown,+kill`. */
function capabilityList(mask: number | bigint): string {
	const held = CAPABILITIES.filter((_, bit) => ((BigInt(mask) >> BigInt(bit)) & 1n) === 1n);
	if (held.length === CAPABILITIES.length) return '+all';
	return ['-all', ...held.map(name => `+${name.slice('CAP_'.length).toLowerCase()}`)].join(',');
}

/** setrlimit(2) by prlimit(1), whose options have the names of the limits. */
export function limitCommand({ resource, soft, hard }: StepOf<'rlimit'>): string {
	const name = Object.keys(RLIMITS).find(key => RLIMITS[key] === Number(resource)) ?? '';
	const option = name.slice('RLIMIT_'.length).toLowerCase();
	return `"\${tool[@]}" ./prlimit --pid $$ --${option}=${limitText(soft)}:${limitText(hard)}`;
}

const limitText = (value: number | bigint): string =>
	BigInt.asUintN(64, BigInt(value)) === UNLIMITED ? 'unlimited' : String(value);

export const isProgramStep = (step: Step): step is ProgramStep =>
	[
		'setsid',
		'umask',
		'prctl',
		'dropBounding',
		'setgroups',
		'setresgid',
		'setresuid',
		'capset',
		'raiseAmbient',
		'exec',
	].includes(step.op);
