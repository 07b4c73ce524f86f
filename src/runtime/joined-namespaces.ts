import { readlinkSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import type { NetworkMode, RunOptions } from '../spec/run-options.ts';
import type { JoinableNamespace } from '../spec/spec-input.ts';
import { findContainer } from '../state/find-container.ts';
import { readContainer, type StateDirectory } from '../state/state-directory.ts';

const FILES = { pid: 'pid', ipc: 'ipc', uts: 'uts', network: 'net' } as const;

/** Namespace files of running containers, for each flag `--pid`, `--ipc`, `--uts` or `--network` that says `container:…`. */
export function joinedNamespaces(
	options: Pick<RunOptions, 'pid' | 'ipc' | 'uts' | 'network'>,
	state: StateDirectory,
): Readonly<Partial<Record<JoinableNamespace, string>>> {
	const joined: Partial<Record<JoinableNamespace, string>> = {};
	for (const type of ['pid', 'ipc', 'uts', 'network'] as const) {
		const mode: NetworkMode = options[type];
		if (mode.kind === 'path') joined[type] = mode.path;
		if (mode.kind !== 'container') continue;
		const init = initOf(mode.container, state, `--${type}`);
		joined[type] = `/proc/${init}/ns/${FILES[type]}`;
		const user = `/proc/${init}/ns/user`;
		if (readlinkSync(user) !== readlinkSync('/proc/self/ns/user')) {
			throw new TsrunError(
				'TSRUN_UNSUPPORTED',
				`container ${mode.container} of --${type} has a user namespace of its own`,
				{
					hint: 'containers with --userns private cannot share their namespaces yet',
				},
			);
		}
	}
	return joined;
}

function initOf(text: string, state: StateDirectory, flag: string): number {
	const record = readContainer(state, findContainer(state, text));
	if (record === undefined || record.status !== 'running') {
		throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container ${text} of ${flag} is not running`, {
			hint: 'a namespace can be joined only while its container runs',
		});
	}
	return record.progress.init;
}
