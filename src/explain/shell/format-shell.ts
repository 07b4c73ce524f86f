import type { Plan } from '../../plan/step.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { type InitScript, initScript, stageName } from './init-script.ts';
import { cleanupLines, enterCgroupLines, setupScript, surroundingLines, waitsForHost } from './setup-script.ts';
import { functionsOf, SHELL_FUNCTIONS } from './shell-functions.ts';
import { shellComment } from './shell-word.ts';
import { functionText } from './step-lines.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * A plan as a script of bash that builds the same container with util-linux, iproute2 and coreutils, and takes it down again. All text of
 * the plan and its surroundings is quoted: it comes from images and users.
 * @throws TsrunError TSRUN_UNSUPPORTED for a container that these commands cannot make at all
 */
export function formatShell(plan: Plan, surroundings: Surroundings): string {
	const init = initOf(plan, surroundings);
	const stages = init.stages.map((lines, index) => functionText(stageName(index), lines));
	const body = [
		functionText('cleanup', cleanup(plan, surroundings)),
		...stages,
		functionText('main', main(plan, surroundings)),
	];
	const used = functionsOf(body.join('\n'));
	const exported = [...used, ...init.stages.map((_, index) => stageName(index))];
	return [
		[
			...header(surroundings, shellDifferences(plan, surroundings)),
			'set -Eeuo pipefail',
			'PATH=$PATH:/usr/sbin:/sbin',
			'umask 022',
		].join('\n'),
		...used.map(name => SHELL_FUNCTIONS[name] ?? ''),
		...body,
		`export -f ${exported.join(' ')}\nmain\n`,
	].join('\n\n');
}

/** What the container of the script lacks, in the order of {@link DIFFERENCES}. */
export function shellDifferences(plan: Plan, surroundings: Surroundings): readonly Difference[] {
	const missing = new Set<Difference>([
		...initOf(plan, surroundings).missing,
		...setupScript(plan.setup, surroundings).missing,
		...(surroundings.hasAnonymousVolumes ? ['volume-content' as const] : []),
	]);
	return (Object.keys(DIFFERENCES) as readonly Difference[]).filter(name => missing.has(name));
}

function initOf({ init, setup }: Plan, { bridges }: Surroundings): InitScript {
	const script = initScript(init, bridges, waitsForHost(setup, bridges));
	const [first = [], ...rest] = script.stages;
	const [options = '', ...lines] = first;
	return { ...script, stages: [[options, ...enterCgroupLines(setup), ...lines], ...rest] };
}

function header({ title }: Surroundings, differences: readonly Difference[]): readonly string[] {
	return [
		'#!/usr/bin/env bash',
		shellComment(title),
		'#',
		'# The container of tsrun, built by hand: run this as root. It wants bash, util-linux, iproute2 and coreutils of at least 8.31.',
		...(differences.length === 0 ? [] : ['#', '# What it has not, beside the one that tsrun makes:']),
		...differences.map(name => `# - ${DIFFERENCES[name]}`),
		'',
	];
}

function main({ setup }: Plan, surroundings: Surroundings): readonly string[] {
	return [
		"((EUID == 0)) || fail 'this needs root'",
		'run=$(mktemp -d)',
		'export run',
		'mkdir "$run/tools"',
		'trap cleanup EXIT',
		'for signal in HUP INT QUIT TERM USR1 USR2; do',
		'\ttrap "stop $signal" "$signal"',
		'done',
		'',
		'# --- what the container needs of the host',
		...surroundingLines(surroundings),
		'',
		...setupScript(setup, surroundings).lines,
		'',
		'# --- the end: a signal interrupts the first wait, and is passed on',
		'status=0',
		'wait "$job" || status=$?',
		'while kill -0 "$job" 2> /dev/null; do',
		'\tstatus=0',
		'\twait "$job" || status=$?',
		'done',
		'exit "$status"',
	];
}

function cleanup({ teardown }: Plan, surroundings: Surroundings): readonly string[] {
	return [
		'set +e',
		'trap - EXIT',
		'if [[ -v job ]]; then',
		'\tkill -KILL "$job" 2> /dev/null',
		'\twait "$job" 2> /dev/null',
		'fi',
		...cleanupLines(teardown, surroundings),
		'rm -rf --one-file-system -- "$run"',
	];
}
