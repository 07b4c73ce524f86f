import { type Command, Option } from 'commander';
import { parseVolumeName } from '../../core/volume-name.ts';
import { createVolume } from '../../runtime/volumes/create-volume.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { addVolumeOption, type VolumeOptions } from '../../spec/volume-options.ts';
import { openStore } from '../../store/open-store.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';

interface Flags {
	readonly driver: string;
	readonly label?: readonly string[];
	readonly opt?: readonly string[];
}

/** `tsrun volume create`: prints the name, also of a volume that is there already. */
export function declareCommand(command: Command): void {
	command
		.argument('[name]', 'a name; a random one unless told')
		.addOption(new Option('-d, --driver <driver>', 'local').default('local'))
		.addOption(new Option('--label <key[=value]>', 'note something with the volume').argParser(collect))
		.addOption(new Option('-o, --opt <key=value>', 'type=none, o=bind and device=<path>').argParser(collect))
		.action(async (name: string | undefined) => {
			const { driver, label = [], opt = [] } = command.opts<Flags>();
			if (driver !== 'local') throw badFlag('--driver', driver, { problem: 'is not known; there is local' });
			const options = opt.reduce<VolumeOptions>((before, text) => addVolumeOption('--opt', text, before), {});
			const made = await createVolume(openStore(rootsOf(command).data), {
				...(name === undefined || name === '' ? {} : { name: parseVolumeName(name) }),
				labels: Object.fromEntries(label.map(splitLabel)),
				options,
			});
			process.stdout.write(`${made}\n`);
		});
}

function splitLabel(text: string): readonly [string, string] {
	const equals = text.indexOf('=');
	return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
