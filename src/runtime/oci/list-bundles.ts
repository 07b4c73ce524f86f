import { readFileSync } from 'node:fs';
import { listContainerIds, openStateDirectory, readContainer } from '../../state/state-directory.ts';
import { type ContainerReport, reportContainer } from './container-report.ts';

import { findBundleContainer } from './find-bundle-container.ts';

export type { ContainerReport };

/** runc's `list`: every container of the state directory, by id. */
export function listBundles(stateRoot: string): readonly ContainerReport[] {
	const directory = openStateDirectory(stateRoot);
	const names = userNames();
	return listContainerIds(directory)
		.flatMap(id => readContainer(directory, id) ?? [])
		.map(record => {
			const owner = record.state.bundle?.owner ?? 0;
			return reportContainer(record, names.get(owner) ?? `#${owner}`);
		})
		.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** runc's `state`. @throws TsrunError TSRUN_NO_SUCH_CONTAINER */
export function stateOfContainer(stateRoot: string, text: string): ContainerReport {
	return reportContainer(findBundleContainer(openStateDirectory(stateRoot), text));
}

function userNames(): ReadonlyMap<number, string> {
	try {
		const lines = readFileSync('/etc/passwd', 'utf8').split('\n').filter(Boolean);
		return new Map(lines.map(line => line.split(':')).map(([name = '', , uid = '']) => [Number(uid), name]));
	} catch {
		return new Map();
	}
}
