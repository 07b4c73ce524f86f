import { TsrunError } from '../../core/errors.ts';
import { findContainer } from '../../state/find-container.ts';
import { readContainer } from '../../state/state-directory.ts';
import { openContainerRoots } from '../open-container-roots.ts';
import { type PortRecord, readContainerNetworks } from './container-networks.ts';

export interface ListedPort {
	readonly port: number;
	readonly protocol: string;
	/** `0.0.0.0:8080`, `[::]:8080`. */
	readonly address: string;
}

/**
 * The published ports of a container, or of one of its ports; none where it has ended.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_NO_SUCH_PORT
 */
export function listPorts(
	roots: { readonly data: string; readonly state: string },
	container: string,
	wanted?: string,
): readonly ListedPort[] {
	const { state } = openContainerRoots(roots);
	const id = findContainer(state, container);
	const isRunning = readContainer(state, id)?.status === 'running';
	const all = isRunning ? (readContainerNetworks(state, id)?.ports ?? []) : [];
	const [number = '', protocol = 'tcp'] = wanted?.split('/') ?? [];
	const found = all.filter(
		each => wanted === undefined || (String(each.port) === number && each.protocol === protocol),
	);
	if (wanted !== undefined && found.length === 0) {
		const message = `no public port ${number}/${protocol} published for ${container}`;
		throw new TsrunError('TSRUN_NO_SUCH_PORT', message, { exitCode: 1 });
	}
	return found.map(each => ({ port: each.port, protocol: each.protocol, address: addressOf(each) }));
}

const addressOf = ({ hostAddress, hostPort }: PortRecord): string =>
	`${hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress}:${hostPort}`;
