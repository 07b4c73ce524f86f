import type { Command } from 'commander';
import { isVolumeName } from '../../core/volume-name.ts';
import { noSuchVolume } from '../../runtime/volumes/no-such-volume.ts';
import { openStore, type Store } from '../../store/open-store.ts';
import { readVolume, volumeData } from '../../store/volume-record.ts';
import { printInspected } from '../format/print-inspected.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun volume inspect`. */
export function declareCommand(command: Command): void {
	command
		.argument('<volume...>', 'name')
		.option('-f, --format <format>', 'json, or a template of Go')
		.action((names: readonly string[]) => {
			printInspected(names, command.opts<{ format?: string }>().format, () => {
				const store = openStore(rootsOf(command).data);
				return name => inspectVolume(store, name);
			});
		});
}

/** docker's JSON. @throws TsrunError TSRUN_NO_SUCH_VOLUME */
function inspectVolume(store: Store, name: string): object {
	const record = isVolumeName(name) ? readVolume(store, name) : undefined;
	if (record === undefined) throw noSuchVolume(name);
	return {
		CreatedAt: new Date(record.created).toISOString().replace(/\.\d+Z$/, 'Z'),
		Driver: 'local',
		Labels: nullIfEmpty(record.labels),
		Mountpoint: volumeData(store, record.name),
		Name: record.name,
		Options: nullIfEmpty(record.options),
		Scope: 'local',
	};
}

function nullIfEmpty(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
	return Object.keys(map).length === 0 ? null : map;
}
