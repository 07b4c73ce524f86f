import { parseContainerId } from '../../../../src/core/brands.ts';
import type { ContainerSummary } from '../../../../src/runtime/list-containers.ts';

export const NOW = Date.parse('2026-01-02T00:00:00Z');

/** A container that has run for an hour. */
export function summary(name: string, part: Partial<ContainerSummary> = {}): ContainerSummary {
	return {
		id: parseContainerId(Buffer.from(name).toString('hex').padEnd(64, '0')),
		name,
		image: 'docker.io/library/debian:latest',
		imageDigest: `sha256:${'ab'.repeat(32)}`,
		command: ['sleep', '1000'],
		created: '2026-01-01T22:00:00.000Z',
		status: 'running',
		started: NOW - 3_600_000,
		pid: 7,
		labels: {},
		networks: ['bridge'],
		ports: [],
		directory: '/c',
		...part,
	};
}
