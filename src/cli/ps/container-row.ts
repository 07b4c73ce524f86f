import type { ContainerSummary } from '../../runtime/list-containers.ts';
import type { Column, Row } from '../format/print-rows.ts';
import { lasting } from '../lasting.ts';

export type ContainerField =
	| 'ID'
	| 'Image'
	| 'Command'
	| 'CreatedAt'
	| 'RunningFor'
	| 'Status'
	| 'State'
	| 'Ports'
	| 'Names'
	| 'Size'
	| 'Labels'
	| 'Networks'
	| 'Pid'
	| 'ExitCode';

/** docker's fields, then two of podman's. */
export const CONTAINER_COLUMNS: readonly Column<ContainerField>[] = [
	{ field: 'ID', head: 'CONTAINER ID' },
	{ field: 'Image', head: 'IMAGE' },
	{ field: 'Command', head: 'COMMAND' },
	{ field: 'CreatedAt', head: 'CREATED AT' },
	{ field: 'RunningFor', head: 'CREATED' },
	{ field: 'Status', head: 'STATUS' },
	{ field: 'State', head: 'STATE' },
	{ field: 'Ports', head: 'PORTS' },
	{ field: 'Names', head: 'NAMES' },
	{ field: 'Size', head: 'SIZE' },
	{ field: 'Labels', head: 'LABELS' },
	{ field: 'Networks', head: 'NETWORKS' },
	{ field: 'Pid', head: 'PID' },
	{ field: 'ExitCode', head: 'EXIT CODE' },
];

export interface RowOptions {
	/** Short ids and commands. */
	readonly trunc: boolean;
	/** Milliseconds since the epoch. */
	readonly now: number;
	readonly size: string;
}

export function containerRow(container: ContainerSummary, { trunc, now, size }: RowOptions): Row<ContainerField> {
	const { id, name, image, created, labels, networks, pid, exitCode } = container;
	const command = container.command.join(' ');
	return {
		ID: trunc ? id.slice(0, 12) : id,
		Image: image,
		Command: JSON.stringify(trunc && command.length > 20 ? `${command.slice(0, 19)}…` : command),
		CreatedAt: created,
		RunningFor: `${lasting(now - Date.parse(created))} ago`,
		Status: statusText(container, now),
		State: stateOf(container),
		Ports: container.ports.map(portText).join(', '),
		Names: name,
		Size: size,
		Labels: Object.entries(labels)
			.map(([key, value]) => `${key}=${value}`)
			.join(','),
		Networks: networks.join(','),
		Pid: pid === undefined ? '' : String(pid),
		ExitCode: exitCode === undefined ? '' : String(exitCode),
	};
}

/** docker's word for it. One of a bundle that has ended is still to be deleted. */
export function stateOf({ status }: Pick<ContainerSummary, 'status'>): string {
	if (status === 'creating') return 'created';
	return status === 'stopped' ? 'exited' : status;
}

function statusText(container: ContainerSummary, now: number): string {
	const { started = now, ended = now, exitCode } = container;
	const state = stateOf(container);
	switch (state) {
		case 'running':
			return `Up ${lasting(now - started)}${healthText(container)}`;
		case 'paused':
			return `Up ${lasting(now - started)} (Paused)`;
		case 'exited':
			return exitCode === undefined ? 'Exited' : `Exited (${exitCode}) ${lasting(now - ended)} ago`;
		case 'restarting':
			return `Restarting (${exitCode ?? 0}) ${lasting(now - ended)} ago`;
		default:
			return `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`;
	}
}

/** docker's words. */
const healthText = ({ health }: Pick<ContainerSummary, 'health'>): string =>
	health === undefined ? '' : health === 'starting' ? ' (health: starting)' : ` (${health})`;

const portText = ({ hostAddress, hostPort, port, protocol }: ContainerSummary['ports'][number]): string =>
	`${hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress}:${hostPort}->${port}/${protocol}`;
