import { Command, CommanderError } from 'commander';
import { EXIT_TSRUN_FAILED } from '../core/errors.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { reportError } from './report-error.ts';
import { version } from './version.ts';

/** Loads only the command that argv names: start-up time is part of every container's. */
async function main(argv: readonly string[]): Promise<void> {
	const program = new Command('tsrun')
		.description('a container runtime: TypeScript compiles the container to a plan, a small C program executes it')
		.version(version(), '-v, --version')
		.option('--root <dir>', 'state of containers (default: /run/tsrun)')
		.option('--data-root <dir>', 'images, layers and container file systems (default: /var/lib/tsrun)')
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'tsrun: ')) });
	const wanted = argv.slice(2).find(word => COMMANDS.some(entry => entry.name === word));
	for (const entry of COMMANDS) {
		const command = program.command(entry.name, { hidden: entry.hidden === true }).description(entry.description);
		if (entry.name === wanted) await declare(command, entry);
	}
	await program.parseAsync(argv as string[]);
}

async function declare(command: Command, entry: CommandEntry): Promise<void> {
	const { declareCommand } = await entry.load();
	declareCommand(command);
	command.exitOverride();
}

main(process.argv).catch((error: unknown) => {
	if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_TSRUN_FAILED;
	else process.exitCode = reportError(error);
});
