import type { ContainerNetworks, EndpointRecord } from '../network/container-networks.ts';
import { byPort } from './host-config.ts';

/** `.NetworkSettings` of `docker inspect`. @param networks what the container has now; undefined where it is in none, or does not run */
export function networkSettings(networks: ContainerNetworks | undefined, pid: number): object {
	const endpoints = networks?.endpoints ?? [];
	const first = endpoints[0];
	return {
		SandboxKey: pid === 0 ? '' : `/proc/${pid}/ns/net`,
		Ports: byPort(networks?.ports ?? [], ({ hostAddress, hostPort }) => ({
			HostIp: hostAddress,
			HostPort: String(hostPort),
		})),
		...addresses(first),
		Networks: Object.fromEntries(endpoints.map(each => [each.network, endpointDocument(each)])),
	};
}

function endpointDocument(endpoint: EndpointRecord): object {
	return {
		Interface: endpoint.interface,
		EndpointID: endpoint.hostInterface,
		Aliases: endpoint.names,
		DNSNames: endpoint.names,
		...addresses(endpoint),
	};
}

function addresses(endpoint: EndpointRecord | undefined): object {
	const [address, length] = ofFamily(endpoint?.addresses, false).split('/');
	const [address6, length6] = ofFamily(endpoint?.addresses, true).split('/');
	return {
		Gateway: ofFamily(endpoint?.gateways, false),
		IPAddress: address,
		IPPrefixLen: Number(length ?? 0),
		IPv6Gateway: ofFamily(endpoint?.gateways, true),
		GlobalIPv6Address: address6,
		GlobalIPv6PrefixLen: Number(length6 ?? 0),
		MacAddress: endpoint?.mac ?? '',
	};
}

const ofFamily = (texts: readonly string[] = [], isIpv6: boolean): string =>
	texts.find(text => text.includes(':') === isIpv6) ?? '';
