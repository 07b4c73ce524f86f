import type { Command } from 'commander';
import { isVolumeName } from '../../core/volume-name.ts';
import { noSuchVolume } from '../../runtime/volumes/no-such-volume.ts';
import { openStore } from '../../store/open-store.ts';
import { readVolume, volumeData } from '../../store/volume-record.ts';
import { parseTemplate } from '../format/parse-template.ts';
import { unescapeFormat } from '../format/print-rows.ts';
import { runTemplate } from '../format/run-template.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun volume inspect`: docker's JSON of all that there are; what is not there goes to stderr, and the exit code is 1. */
export function declareCommand(command: Command): void {
	command
		.argument('<volume...>', 'name')
		.option('-f, --format <format>', 'json, or a template of Go')
		.action((names: readonly string[]) => {
			const { format } = command.opts<{ format?: string }>();
			const template = format === undefined || format === 'json' ? undefined : parseTemplate(unescapeFormat(format));
			const store = openStore(rootsOf(command).data);
			const found = names.flatMap(name => {
				try {
					const record = isVolumeName(name) ? readVolume(store, name) : undefined;
					if (record === undefined) throw noSuchVolume(name);
					return [
						{
							CreatedAt: new Date(record.created).toISOString().replace(/\.\d+Z$/, 'Z'),
							Driver: 'local',
							Labels: nullIfEmpty(record.labels),
							Mountpoint: volumeData(store, record.name),
							Name: record.name,
							Options: nullIfEmpty(record.options),
							Scope: 'local',
						},
					];
				} catch (error) {
					reportError(error);
					process.exitCode = 1;
					return [];
				}
			});
			if (template !== undefined) process.stdout.write(found.map(each => `${runTemplate(template, each)}\n`).join(''));
			else process.stdout.write(`${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
		});
}

function nullIfEmpty(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
	return Object.keys(map).length === 0 ? null : map;
}
