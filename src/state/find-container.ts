import { readlinkSync } from 'node:fs';
import { type ContainerId, parseContainerId } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { nameLink } from './container-names.ts';
import { listContainerIds, type StateDirectory } from './state-directory.ts';

/**
 * The container that `text` names: its id, its name, or an unambiguous beginning of the id, in this order.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_AMBIGUOUS_ID
 */
export function findContainer(directory: StateDirectory, text: string): ContainerId {
	const ids = listContainerIds(directory);
	const exact = ids.find(id => id === text);
	if (exact !== undefined) return exact;
	const named = idOfName(directory, text);
	if (named !== undefined && ids.includes(named)) return named;
	const matches = /^[0-9a-f]+$/.test(text) ? ids.filter(id => id.startsWith(text)) : [];
	if (matches.length > 1) {
		throw new TsrunError(
			'TSRUN_AMBIGUOUS_ID',
			`${JSON.stringify(text)} is the beginning of ${matches.length} container ids`,
		);
	}
	if (matches[0] === undefined) {
		throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${text}`, {
			hint: 'tsrun ps -a lists all of them',
		});
	}
	return matches[0];
}

/** Whether a text names a container; one that is the beginning of several ids does. */
export function hasContainer(directory: StateDirectory, text: string): boolean {
	try {
		findContainer(directory, text);
		return true;
	} catch (error) {
		if (!(error instanceof TsrunError)) throw error;
		return error.code !== 'TSRUN_NO_SUCH_CONTAINER';
	}
}

function idOfName(directory: StateDirectory, name: string): ContainerId | undefined {
	if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return undefined;
	try {
		return parseContainerId(readlinkSync(nameLink(directory, name)));
	} catch {
		return undefined;
	}
}
