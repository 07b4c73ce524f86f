import { type Command, Option } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { formatPlan } from '../explain/format-plan.ts';
import { planToJson } from '../explain/plan-to-json.ts';
import { planBundle } from '../runtime/plan-bundle.ts';
import { prepareContainer } from '../runtime/prepare-container.ts';
import { addRunOptions } from './run-flags.ts';
import { runRequest } from './run-request.ts';

/** `tsrun plan`: what `run` would do, as text or JSON. Needs no root and runs nothing. */
export function declareCommand(command: Command, words?: readonly string[]): void {
	addRunOptions(command, words)
		.argument('[image]', 'as for run')
		.argument('[command...]')
		.option('--bundle <dir>', 'compile the config.json of an OCI bundle instead of an image')
		.addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']).default('text'))
		.action(async (image: string | undefined, args: readonly string[]) => {
			const { bundle, format } = command.opts<{ bundle?: string; format: 'text' | 'json' }>();
			const plan = await planOf({ command, image, args, bundle });
			process.stdout.write(
				format === 'json' ? `${planToJson(plan)}\n` : formatPlan(plan, { colour: process.stdout.isTTY === true }),
			);
		});
}

interface PlanWords {
	readonly command: Command;
	readonly image: string | undefined;
	readonly args: readonly string[];
	readonly bundle: string | undefined;
}

async function planOf({ command, image, args, bundle }: PlanWords) {
	if (bundle !== undefined && image === undefined) {
		refuseRunFlags(command);
		return planBundle(bundle);
	}
	if (bundle !== undefined || image === undefined) {
		throw new TsrunError('TSRUN_USAGE', 'plan: takes either an image or --bundle', {
			hint: 'tsrun plan IMAGE [COMMAND…], or tsrun plan --bundle DIR',
		});
	}
	return (await prepareContainer({ ...runRequest(command, { image, args, makesContainer: false }), asRoot: true }))
		.plan;
}

/** A bundle says all by itself; a flag that changes nothing would be a lie. */
function refuseRunFlags(command: Command): void {
	const given = command.options.find(
		option =>
			!['bundle', 'format'].includes(option.attributeName()) &&
			command.getOptionValueSource(option.attributeName()) === 'cli',
	);
	if (given === undefined) return;
	throw new TsrunError('TSRUN_USAGE', `plan: ${given.long} has no effect together with --bundle`, {
		hint: 'change the config.json of the bundle instead',
	});
}
