import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { OCI_VERSION } from '../oci/runtime-spec.ts';
import { acceptBooleanValues, mayHaveValue } from './boolean-values.ts';
import { COMMANDS, type CommandEntry, CREATE_BUNDLE, PS_CONTAINER, RUN_BUNDLE, RUNC_COMMANDS } from './commands.ts';
import { isBundleCreate } from './oci/is-bundle-create.ts';
import { isBundleRun } from './oci/is-bundle-run.ts';
import { isContainerPs } from './oci/is-container-ps.ts';
import { logError, logOptionsOf } from './oci/log.ts';
import { isCalledRunc, reportAsRunc } from './oci/report-as-runc.ts';
import { runcHelp } from './oci/runc-help.ts';
import { reportError } from './report-error.ts';
import { engine } from './this-program.ts';
import { usageError } from './usage-error.ts';
import { version } from './version.ts';

/** Ends of commander that are no failure: help or the version was printed. Without a command, docker's help ends with 0 too. */
const SHOWN = ['commander.help', 'commander.helpDisplayed', 'commander.version'];

/** Loads only the command that argv names: start-up time is part of every container's. */
async function main(argv: readonly string[]): Promise<void> {
	const isRunc = isCalledRunc();
	const commands = isRunc ? RUNC_COMMANDS : COMMANDS;
	const words = argv.slice(2);
	const first = commandPosition(words);
	const asksHelp = words[first] === 'help';
	const position = asksHelp ? first + 1 : first;
	const named = commands.find(entry => entry.name === words[position]);
	const wanted = named === undefined ? undefined : meantBy(named, words.slice(position + 1));
	// a command that stands first comes without options of the program
	const program = declareProgram(isRunc, named === undefined || position > 0);
	const unknown = isRunc && named === undefined && position >= 0 && !asksHelp ? words[position] : undefined;
	// all names are needed only by the program's own help, and to find what a wrong one may have meant
	for (const entry of named === undefined || asksHelp ? commands : [named]) {
		const command = program.command(entry.name, { hidden: entry.hidden === true }).description(entry.description);
		if (wanted !== undefined && entry.name === wanted.name)
			await declare(command, wanted, asksHelp ? undefined : words.slice(position + 1));
	}
	try {
		if (unknown !== undefined) throw noHelpTopic(unknown);
		await program.parseAsync(argv as string[]);
	} catch (error) {
		if (error instanceof CommanderError && SHOWN.includes(error.code)) return;
		const failure = error instanceof CommanderError ? usageError(error, wanted?.name) : error;
		if (failure instanceof TsrunError) logError(logOptionsOf(program), failure.message);
		const exitCode = isRunc ? reportAsRunc(failure, logOptionsOf(program), wanted?.name) : reportError(failure);
		process.exitCode = failure instanceof TsrunError ? (wanted?.failsWith ?? exitCode) : exitCode;
	}
}

/** As runc has it, for a command and for help about one alike. */
const noHelpTopic = (word: string): TsrunError =>
	new TsrunError('TSRUN_USAGE', `No help topic for '${word.slice(0, 80)}'`, { exitCode: 3 });

/** Three names are docker's and runc's alike: the words after them tell which is meant. */
function meantBy(named: CommandEntry, words: readonly string[]): CommandEntry {
	if (named.name === 'run' && isBundleRun(words)) return RUN_BUNDLE;
	if (named.name === 'create' && isBundleCreate(words, isInBundle)) return CREATE_BUNDLE;
	return named.name === 'ps' && isContainerPs(words) ? PS_CONTAINER : named;
}

/** Whether the current directory is a bundle. */
function isInBundle(): boolean {
	try {
		return /"ociVersion"/i.test(readFileSync('config.json', 'utf8'));
	} catch {
		return false;
	}
}

/** Global options that have a value. */
const VALUED = ['--root', '--data-root', '--log', '--log-format', '--rootless', '--criu'];

/** Of the first word that is neither a global option nor its value. */
function commandPosition(words: readonly string[]): number {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? '';
		if (!word.startsWith('-')) return index;
		if (VALUED.includes(word)) index++;
	}
	return -1;
}

function declareProgram(isRunc: boolean, hasOptions: boolean): Command {
	const program = new Command(isRunc ? 'runc' : 'tsrun');
	if (isRunc) program.configureHelp({ formatHelp: runcHelp });
	program
		.description('a container runtime: TypeScript compiles the container to a plan, a small C program executes it')
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({ outputError: () => {} });
	return hasOptions ? addOptions(program, isRunc) : program;
}

/** Each takes time to declare. */
function addOptions(program: Command, isRunc: boolean): Command {
	return program
		.option('-v, --version', 'output the version number')
		.on('option:version', () => showVersion(isRunc))
		.option('--root <dir>', 'state of containers (default: /run/tsrun)')
		.option('--data-root <dir>', 'images, layers and container file systems (default: /var/lib/tsrun)')
		.option('--log <file>', 'also write errors to this file')
		.option('--log-format <format>', 'text or json', 'text')
		.option('--debug', 'log each step of a plan before it is carried out')
		.option('--systemd-cgroup', 'let systemd make the cgroups: linux.cgroupsPath is slice:prefix:name')
		.option('--rootless <when>', 'true, false or auto')
		.option('--criu <path>', 'the program for checkpoints (default: criu of PATH)');
}

/** Read when it is asked for, since it is in a file. */
function showVersion(isRunc: boolean): never {
	process.stdout.write(isRunc ? runcVersion() : `${version()} (${engine()})\n`);
	throw new CommanderError(0, 'commander.version', 'shown');
}

/** Engines read the first three lines, each by its first word; runc's fourth tells of Go. */
const runcVersion = (): string =>
	`runc version ${version()}\ncommit: tsrun-${version()}\nspec: ${OCI_VERSION}\n${engine().replace(' ', ': ')}\n`;

async function declare(command: Command, entry: CommandEntry, words?: readonly string[]): Promise<void> {
	const { declareCommand } = await entry.load();
	await declareCommand(command, words);
	if (words?.some(isFlagWithValue) !== false || command.options.some(mayHaveValue)) acceptBooleanValues(command);
	command.exitOverride();
}

const isFlagWithValue = (word: string): boolean => word.startsWith('-') && word.includes('=');

main(process.argv).catch((error: unknown) => {
	process.exitCode = reportError(error);
});
