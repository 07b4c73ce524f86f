import type { Command, Help } from 'commander';

/** The help of a program that is called by runc's name, in the form of runc's: tools and tests read its first lines. */
export function runcHelp(command: Command, helper: Help): string {
	const parent = command.parent;
	const name = parent === null ? command.name() : `${parent.name()} ${command.name()}`;
	const words = parent === null ? 'Open Container Initiative runtime' : command.description();
	const usage = parent === null ? '[global options] command [command options] [arguments...]' : usageOf(command);
	const commands = helper
		.visibleCommands(command)
		.map(each => [each.name(), helper.subcommandDescription(each)] as const);
	const options = helper.visibleOptions(command).map(each => [each.flags, helper.optionDescription(each)] as const);
	return [
		section('NAME', [`${name} - ${words}`]),
		section('USAGE', [`${name} ${usage}`]),
		...(commands.length === 0 ? [] : [section('COMMANDS', columns(commands))]),
		section(parent === null ? 'GLOBAL OPTIONS' : 'OPTIONS', columns(options)),
	].join('\n');
}

function usageOf(command: Command): string {
	const args = command.registeredArguments.map(arg => {
		const name = `${arg.name()}${arg.variadic ? '...' : ''}`;
		return arg.required ? `<${name}>` : `[${name}]`;
	});
	return ['[command options]', ...args].join(' ');
}

const section = (title: string, lines: readonly string[]): string =>
	`${title}:\n${lines.map(line => `   ${line}\n`).join('')}`;

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
	const width = Math.max(...rows.map(([left]) => left.length));
	return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`.trimEnd());
}
