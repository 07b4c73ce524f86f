import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { formatPlan } from '../explain/format-plan.ts';
import { formatPlanDiff, planDiffToJson, type TitledPlan } from '../explain/format-plan-diff.ts';
import type { NamedPlan } from '../explain/plan-diff.ts';
import { planToJson } from '../explain/plan-to-json.ts';
import { NO_SURROUNDINGS } from '../explain/shell/surroundings.ts';
import { PHASES, type Phase, type StepList } from '../plan/step.ts';
import { planBundle } from '../runtime/plan-bundle.ts';
import { prepareContainer } from '../runtime/prepare-container.ts';
import { addRunOptions } from './run-flags.ts';
import { runRequest } from './run-request.ts';
import { splitWords } from './split-words.ts';

interface PlanOptions {
	readonly bundle?: string;
	readonly format: 'text' | 'json' | 'sh';
	readonly only?: readonly Phase[];
	readonly diff?: string;
}

/** Options of `plan` itself; all others are those of `run`. */
const OWN = ['bundle', 'format', 'only', 'diff'];

/** `tsrun plan`: what `run` would do, as text or JSON. Needs no root and runs nothing. */
export function declareCommand(command: Command, words?: readonly string[]): void {
	addPlanOptions(command, words).action(async (image: string | undefined, args: readonly string[]) => {
		const options = command.opts<PlanOptions>();
		if (options.format === 'sh') {
			process.stdout.write(await scriptOf(command, { image, args, title: titleOf(words ?? [image ?? '', ...args]) }));
			return;
		}
		const named = await planOf(command, { image, args });
		process.stdout.write(
			options.diff === undefined
				? planText(named, options)
				: diffText(
						await otherPlan(command, options.diff),
						{ ...named, title: titleOf(words ?? [image ?? '', ...args]) },
						options,
					),
		);
	});
}

function addPlanOptions(command: Command, words?: readonly string[]): Command {
	return addRunOptions(command, words)
		.argument('[image]', 'as for run')
		.argument('[command...]')
		.option('--bundle <dir>', 'compile the config.json of an OCI bundle instead of an image')
		.addOption(
			new Option('--format <format>', 'text, json, or sh: a script that builds the same container without tsrun')
				.choices(['text', 'json', 'sh'])
				.default('text'),
		)
		.addOption(
			new Option('--only <phases>', `only the steps of these phases: ${PHASES.join(', ')}`).argParser(parsePhases),
		)
		.option('--diff <words>', 'compare with another plan: a bundle, or quoted what would stand after tsrun plan');
}

function parsePhases(text: string): readonly Phase[] {
	return text.split(',').map(word => {
		const phase = PHASES.find(name => name === word);
		if (phase !== undefined) return phase;
		throw new TsrunError('TSRUN_USAGE', `--only: there is no phase ${JSON.stringify(word.slice(0, 40))}`, {
			hint: `expected some of ${PHASES.join(', ')}, with commas between them`,
		});
	});
}

function planText({ plan }: NamedPlan, { format, only }: PlanOptions): string {
	if (format === 'text') return formatPlan(plan, { colour: process.stdout.isTTY === true, only });
	const shown = (list: StepList) => plan[list].filter(({ phase }) => only?.includes(phase) !== false);
	return `${planToJson({ ...plan, setup: shown('setup'), init: shown('init'), teardown: shown('teardown') })}\n`;
}

function diffText(first: TitledPlan, second: TitledPlan, { format, only }: PlanOptions): string {
	if (format === 'json') return `${planDiffToJson(first, second, only)}\n`;
	return formatPlanDiff(first, second, { colour: process.stdout.isTTY === true, only });
}

/** The plan that another has to be compared with. @param text a directory with a config.json, or the words of a `tsrun plan` */
async function otherPlan(command: Command, text: string): Promise<TitledPlan> {
	if (existsSync(join(text, 'config.json'))) return { ...planBundle(text), title: text };
	const other = addPlanOptions(new Command('plan'))
		.exitOverride()
		.configureOutput({ outputError: () => {} });
	// the options of the program hold for both
	other.parent = command.parent;
	let named: NamedPlan | undefined;
	other.action(async (image: string | undefined, args: readonly string[]) => {
		named = await planOf(other, { image, args });
	});
	await other.parseAsync(splitWords(text, '--diff'), { from: 'user' });
	if (named === undefined) throw new Error('commander did not call the action');
	return { ...named, title: text };
}

/** The words of the second plan, without those that name the first. */
function titleOf(words: readonly string[]): string {
	return words
		.filter((word, index) => !word.startsWith('--diff') && words[index - 1] !== '--diff')
		.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
		.join(' ');
}

interface PlanWords {
	readonly image: string | undefined;
	readonly args: readonly string[];
}

async function planOf(command: Command, { image, args }: PlanWords): Promise<NamedPlan> {
	const { bundle } = command.opts<PlanOptions>();
	if (bundle !== undefined && image === undefined) {
		refuseRunFlags(command);
		return planBundle(bundle);
	}
	if (bundle !== undefined || image === undefined) {
		throw neither();
	}
	return prepareContainer({ ...runRequest(command, { image, args, makesContainer: false }), asRoot: true });
}

function neither(): TsrunError {
	return new TsrunError('TSRUN_USAGE', 'plan: takes either an image or --bundle', {
		hint: 'tsrun plan IMAGE [COMMAND…], or tsrun plan --bundle DIR',
	});
}

/** The script of `--format sh`: of a whole plan, and of one. */
async function scriptOf(
	command: Command,
	{ title, ...words }: PlanWords & { readonly title: string },
): Promise<string> {
	const { only, diff, bundle } = command.opts<PlanOptions>();
	const other = only !== undefined ? '--only' : diff !== undefined ? '--diff' : undefined;
	if (other !== undefined) {
		throw new TsrunError('TSRUN_USAGE', `plan: ${other} has no effect together with --format sh`, {
			hint: 'a script builds a whole container',
		});
	}
	const { formatShell } = await import('../explain/shell/format-shell.ts');
	const line = `tsrun plan ${title}`;
	if (bundle !== undefined) {
		const { plan } = await planOf(command, words);
		return formatShell(plan, { ...NO_SURROUNDINGS, title: line });
	}
	const { image, args } = words;
	if (image === undefined) throw neither();
	const { surroundingsOf } = await import('../runtime/surroundings-of.ts');
	const request = { ...runRequest(command, { image, args, makesContainer: false }), asRoot: true };
	const prepared = await prepareContainer(request);
	return formatShell(prepared.plan, surroundingsOf(prepared, request, line));
}

/** A bundle says all by itself; a flag that changes nothing would be a lie. */
function refuseRunFlags(command: Command): void {
	const given = command.options.find(
		option => !OWN.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
	);
	if (given === undefined) return;
	throw new TsrunError('TSRUN_USAGE', `plan: ${given.long} has no effect together with --bundle`, {
		hint: 'change the config.json of the bundle instead',
	});
}
