import { expect, it } from 'vitest';
import { containerRow } from '../../../../src/cli/ps/container-row.ts';
import type { ContainerSummary } from '../../../../src/runtime/list-containers.ts';
import { NOW, summary } from './summaries.ts';

const row = (part: Partial<ContainerSummary> = {}, trunc = true) =>
	containerRow(summary('web', part), { trunc, now: NOW, size: '' });

it('has what docker shows of a container', () => {
	expect(row({ labels: { a: '1', b: '' }, networks: ['front', 'back'] })).toEqual({
		ID: '776562000000',
		Image: 'docker.io/library/debian:latest',
		Command: '"sleep 1000"',
		CreatedAt: '2026-01-01T22:00:00.000Z',
		RunningFor: '2 hours ago',
		Status: 'Up About an hour',
		State: 'running',
		Ports: '',
		Names: 'web',
		Size: '',
		Labels: 'a=1,b=',
		Networks: 'front,back',
		Pid: '7',
		ExitCode: '',
	});
});

const ENDED = { exitCode: 3, ended: NOW - 120_000 };
it.each<[Partial<ContainerSummary>, string, string]>([
	[{ status: 'paused' }, 'paused', 'Up About an hour (Paused)'],
	[{ status: 'exited', ...ENDED }, 'exited', 'Exited (3) 2 minutes ago'],
	[{ status: 'stopped', ...ENDED }, 'exited', 'Exited (3) 2 minutes ago'],
	[{ status: 'exited' }, 'exited', 'Exited'],
	[{ status: 'restarting', ...ENDED }, 'restarting', 'Restarting (3) 2 minutes ago'],
	[{ status: 'created' }, 'created', 'Created'],
	[{ status: 'creating' }, 'created', 'Created'],
	[{ status: 'dead' }, 'dead', 'Dead'],
])('%j is %s, and reads %j', (part, state, status) => {
	expect(row(part)).toMatchObject({ State: state, Status: status });
});

it('ports read as docker’s, also those of IPv6', () => {
	const ports = ['0.0.0.0', '::'].map(hostAddress => ({
		protocol: 'tcp' as const,
		hostAddress,
		hostPort: 8080,
		port: 80,
	}));
	expect(row({ ports }).Ports).toBe('0.0.0.0:8080->80/tcp, [::]:8080->80/tcp');
});

it('cuts ids and commands, unless told not to', () => {
	const command = ['a-command', 'that', 'is', 'rather', 'long'];
	expect(row({ command }).Command).toBe('"a-command that is r…"');
	expect(row({ command }, false)).toMatchObject({
		ID: '776562'.padEnd(64, '0'),
		Command: '"a-command that is rather long"',
	});
});
