import { TsrunError } from '../../core/errors.ts';
import { ipText, parseIp } from '../../core/ip-address.ts';
import { encodePlan } from '../../native/encode.ts';
import { runSetup } from '../../native/machine.ts';
import { requestNetlink } from '../../native/netlink-socket.ts';
import { CLONE, ERRNO } from '../../plan/linux-constants.ts';
import { netfilterBatch } from '../../plan/netfilter/batch.ts';
import { guestElement } from '../../plan/netfilter/network-elements.ts';
import { deleteElement } from '../../plan/netfilter/table-objects.ts';
import { deleteLinkMessage } from '../../plan/netlink/bridge-message.ts';
import { connectStep, endpointSteps, hairpinStep, interfaceWrites, rulesStep } from '../../plan/network.ts';
import type { Endpoint } from '../../plan/network-input.ts';
import type { Plan, Step } from '../../plan/step.ts';
import type { NetworkRequest } from '../../spec/run-options.ts';
import { findContainer } from '../../state/find-container.ts';
import { type ContainerRecord, readContainer } from '../../state/state-directory.ts';
import { readStoredRun, type StoredPlace, writeStoredRun } from '../life/stored-run.ts';
import { wordFailure } from '../report-failure.ts';
import { type ContainerNetworks, readContainerNetworks, writeContainerNetworks } from './container-networks.ts';
import { findNetwork, withNetworks } from './network-files.ts';
import { placeEndpoints } from './prepare-networks.ts';
import { refreshHosts } from './refresh-hosts.ts';
import type { NetworkPlaces } from './remove-network.ts';

/**
 * Gives a running container a further interface, in another network.
 * @throws TsrunError TSRUN_NO_SUCH_NETWORK, TSRUN_CONTAINER_NOT_RUNNING, TSRUN_CONNECTED, StepError
 */
export function connectNetwork(places: NetworkPlaces, container: string, request: NetworkRequest): void {
	const { store, state } = places;
	withNetworks(store, () => {
		const { record, networks } = connectable(places, container);
		if (networks.endpoints.some(({ network }) => network === request.name)) {
			throw new TsrunError('TSRUN_CONNECTED', `container ${container} is in network ${request.name} already`, {
				exitCode: 1,
			});
		}
		const { id, name } = record.state;
		const [placed] = placeEndpoints({
			id,
			store,
			state,
			requests: [request],
			names: [name],
			existing: nextNumber(networks),
			isDry: false,
		});
		if (placed === undefined) throw new Error('no place in the network');
		perform(record.progress.init, connectSteps(placed.endpoint, record.progress.init));
		writeContainerNetworks(state, id, { ...networks, endpoints: [...networks.endpoints, placed.record] });
		const addresses = placed.endpoint.addresses.map(({ address }) => ipText(address));
		changePlaces(record, places => [...places, { request, addresses }]);
		refreshHosts(state, [request.name]);
	});
}

/** @throws TsrunError TSRUN_NO_SUCH_NETWORK, TSRUN_CONTAINER_NOT_RUNNING, TSRUN_NOT_CONNECTED */
export function disconnectNetwork(places: NetworkPlaces, container: string, text: string): void {
	const { store, state } = places;
	withNetworks(store, () => {
		const { name } = findNetwork(store, text);
		const { record, networks } = connectable(places, container);
		const endpoint = networks.endpoints.find(({ network }) => network === name);
		if (endpoint === undefined) {
			throw new TsrunError('TSRUN_NOT_CONNECTED', `container ${container} is not in network ${name}`, { exitCode: 1 });
		}
		tolerating([ERRNO.ENODEV], () => requestNetlink('route', deleteLinkMessage({ name: endpoint.hostInterface })));
		for (const address of endpoint.addresses) forgetGuest(address);
		const endpoints = networks.endpoints.filter(each => each !== endpoint);
		writeContainerNetworks(state, record.state.id, { ...networks, endpoints });
		changePlaces(record, places => places.filter(({ request }) => request.name !== name));
		refreshHosts(state, [name, ...endpoints.map(({ network }) => network)]);
	});
}

/** So that its next run is in the same networks. */
function changePlaces({ state }: ContainerRecord, change: (places: readonly StoredPlace[]) => readonly StoredPlace[]) {
	const stored = readStoredRun(state.directory);
	if (stored?.networks === undefined) return;
	const places = change(stored.networks.places);
	writeStoredRun(state.directory, { ...stored, networks: { ...stored.networks, places } });
}

/** Of the rules: without its element an address is nobody's. */
export function forgetGuest(address: string): void {
	const bytes = parseIp(address.replace(/\/.*/, '')) ?? new Uint8Array(4);
	tolerating([ERRNO.ENOENT], () =>
		requestNetlink('netfilter', netfilterBatch([deleteElement(guestElement(bytes, true))])),
	);
}

function tolerating(errnos: readonly number[], work: () => void): void {
	try {
		work();
	} catch (error) {
		if (!errnos.includes(Math.abs((error as NodeJS.ErrnoException).errno ?? 0))) throw error;
	}
}

interface Connectable {
	readonly record: ContainerRecord;
	readonly networks: ContainerNetworks;
}

function connectable({ state }: NetworkPlaces, container: string): Connectable {
	const id = findContainer(state, container);
	const record = readContainer(state, id);
	if (record === undefined || record.status !== 'running') {
		throw new TsrunError('TSRUN_CONTAINER_NOT_RUNNING', `container ${container} is not running`, { exitCode: 1 });
	}
	const networks = readContainerNetworks(state, id);
	if (networks !== undefined) return { record, networks };
	throw new TsrunError('TSRUN_UNSUPPORTED', `container ${container} was started without a network`, {
		hint: 'start it with --network NAME',
		exitCode: 1,
	});
}

const nextNumber = ({ endpoints }: ContainerNetworks): number =>
	Math.max(0, ...endpoints.map(each => Number(each.interface.replace('eth', '')) + 1));

function connectSteps(endpoint: Endpoint, init: number): readonly Step[] {
	const phase = 'network';
	return [
		pairFor(endpoint, init),
		hairpinStep(endpoint),
		rulesStep({ endpoints: [endpoint], ports: [] }),
		{ op: 'setns', path: `/proc/${init}/ns/net`, type: CLONE.NEWNET, phase, why: 'the container’s network namespace' },
		...interfaceWrites(endpoint).map(
			({ path, data, why, tolerate = [] }): Step => ({
				op: 'write',
				path: `/proc/${path}`,
				data,
				phase,
				why,
				tolerate,
			}),
		),
		...endpointSteps(endpoint),
	];
}

/** What the machine does for an init that it has made itself: the pid is the last word of the message. */
function pairFor(endpoint: Endpoint, init: number): Step {
	const { message, why, phase } = connectStep(endpoint);
	const withPid = Uint8Array.from(message as Uint8Array);
	new DataView(withPid.buffer).setInt32(withPid.length - 4, init, true);
	return { op: 'netlink', message: withPid, why, phase };
}

function perform(init: number, setup: readonly Step[]): void {
	const plan: Plan = { version: 1, cloneFlags: 0, setup, init: [], teardown: [] };
	const progress = runSetup(encodePlan(plan), init);
	if (progress.failed !== undefined) throw wordFailure(plan, progress);
}
