import { Command, CommanderError } from 'commander';
import { acceptBooleanValues } from './boolean-values.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { reportError } from './report-error.ts';
import { usageError } from './usage-error.ts';
import { version } from './version.ts';

/** Ends of commander that are no failure: help or the version was printed. Without a command, docker's help ends with 0 too. */
const SHOWN = ['commander.help', 'commander.helpDisplayed', 'commander.version'];

/** Loads only the command that argv names: start-up time is part of every container's. */
async function main(argv: readonly string[]): Promise<void> {
	const program = new Command('tsrun')
		.description('a container runtime: TypeScript compiles the container to a plan, a small C program executes it')
		.version(version(), '-v, --version')
		.option('--root <dir>', 'state of containers (default: /run/tsrun)')
		.option('--data-root <dir>', 'images, layers and container file systems (default: /var/lib/tsrun)')
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({ outputError: () => {} });
	const wanted = argv.slice(2).find(word => COMMANDS.some(entry => entry.name === word));
	for (const entry of COMMANDS) {
		const command = program.command(entry.name, { hidden: entry.hidden === true }).description(entry.description);
		if (entry.name === wanted) await declare(command, entry);
	}
	try {
		await program.parseAsync(argv as string[]);
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (!SHOWN.includes(error.code)) throw usageError(error, wanted);
	}
}

async function declare(command: Command, entry: CommandEntry): Promise<void> {
	const { declareCommand } = await entry.load();
	declareCommand(command);
	acceptBooleanValues(command);
	command.exitOverride();
}

main(process.argv).catch((error: unknown) => {
	process.exitCode = reportError(error);
});
