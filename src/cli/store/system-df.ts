import type { Command } from 'commander';
import {
	type ContainerUsage,
	type DiskUsage,
	diskUsage,
	type ImageUsage,
	type UsageRow,
} from '../../runtime/disk-usage.ts';
import { openStore } from '../../store/open-store.ts';
import { ago } from '../ago.ts';
import { type Column, printRows } from '../format/print-rows.ts';
import { sizeText } from '../format/size-text.ts';
import { shortId, splitTag } from '../images.ts';
import { rootsOf } from '../roots.ts';
import { table } from '../table.ts';

type Field = 'Type' | 'TotalCount' | 'Active' | 'Size' | 'Reclaimable' | 'Bytes';

const COLUMNS: readonly Column<Field>[] = [
	{ field: 'Type', head: 'TYPE' },
	{ field: 'TotalCount', head: 'TOTAL' },
	{ field: 'Active', head: 'ACTIVE' },
	{ field: 'Size', head: 'SIZE' },
	{ field: 'Reclaimable', head: 'RECLAIMABLE' },
	{ field: 'Bytes', head: 'BYTES' },
];

/** `tsrun system df`: who owns the bytes of the store. */
export function declareCommand(command: Command): void {
	command
		.option('-v, --verbose', 'each image and container')
		.option('--format <format>', 'table, json, or a template of Go')
		.action(() => {
			const { verbose, format } = command.opts<{ verbose?: boolean; format?: string }>();
			const usage = diskUsage(openStore(rootsOf(command).data));
			if (verbose === true && format === 'json') process.stdout.write(`${JSON.stringify(usage)}\n`);
			else if (verbose === true) process.stdout.write(verboseText(usage));
			else {
				const shown = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'] as const;
				process.stdout.write(printRows(usage.rows.map(rowOf), { format, columns: COLUMNS, shown }));
			}
		});
}

function rowOf({ type, total, active, bytes, reclaimable }: UsageRow): Record<Field, string> {
	const share = bytes === 0 ? '' : ` (${Math.floor((100 * reclaimable) / bytes)}%)`;
	return {
		Type: type,
		TotalCount: String(total),
		Active: String(active),
		Size: sizeText(bytes),
		Reclaimable: `${sizeText(reclaimable)}${share}`,
		Bytes: String(bytes),
	};
}

function verboseText({ images, containers, volumes, others }: DiskUsage): string {
	const imageHead = ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'CONTAINERS'];
	const containerHead = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'SIZE', 'CREATED', 'STATUS', 'NAMES'];
	return [
		`Images space usage:\n\n${table(imageHead, images.map(imageRow))}`,
		`Containers space usage:\n\n${table(containerHead, containers.map(containerRow))}`,
		`Local Volumes space usage:\n\n${table(
			['VOLUME NAME', 'LINKS', 'SIZE'],
			volumes.map(({ name, links, bytes }) => [name, String(links), sizeText(bytes)]),
		)}`,
		`Other space usage:\n\n${table(
			['PATH', 'SIZE'],
			others.map(({ path, bytes }) => [path, sizeText(bytes)]),
		)}`,
	].join('\n');
}

function imageRow({ name, id, created, size, shared, unique, containers }: ImageUsage): readonly string[] {
	const age = created === undefined ? 'N/A' : ago(created, Date.now());
	return [...splitTag(name), shortId(id), age, ...[size, shared, unique].map(sizeText), String(containers)];
}

function containerRow({ id, image, command, bytes, created, status, name }: ContainerUsage): readonly string[] {
	const age = created === '' ? 'N/A' : ago(created, Date.now());
	return [id.slice(0, 12), image, JSON.stringify(command.join(' ')), sizeText(bytes), age, status, name];
}
