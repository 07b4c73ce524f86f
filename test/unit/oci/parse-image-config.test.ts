import { describe, expect, it } from 'vitest';
import { parseImageConfig } from '../../../src/oci/parse-image-config.ts';

const ROOTFS = { type: 'layers', diff_ids: [`sha256:${'d'.repeat(64)}`] };
const parse = (change: object) =>
	parseImageConfig(
		Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: ROOTFS, ...change })),
		'config c',
	);

describe('the configuration of an image', () => {
	it('is read with what run needs', () => {
		const config = {
			User: '1000:1000',
			Env: ['PATH=/bin'],
			Entrypoint: ['/entry'],
			Cmd: ['a', 'b'],
			WorkingDir: '/srv',
			Volumes: { '/data': {}, '/more': {} },
			Labels: { l: 'v' },
			StopSignal: 'SIGINT',
			ExposedPorts: { '80/tcp': {} },
			Healthcheck: { Test: ['CMD'] },
			Shell: ['/bin/bash', '-c'],
		};
		expect(parse({ variant: 'v3', created: '2024-01-01T00:00:00Z', config, history: [] })).toEqual({
			os: 'linux',
			architecture: 'amd64',
			variant: 'v3',
			created: '2024-01-01T00:00:00Z',
			config: {
				user: '1000:1000',
				env: ['PATH=/bin'],
				entrypoint: ['/entry'],
				cmd: ['a', 'b'],
				workingDir: '/srv',
				volumes: ['/data', '/more'],
				labels: { l: 'v' },
				stopSignal: 'SIGINT',
				exposedPorts: ['80/tcp'],
				healthcheck: { test: ['CMD'], interval: 0, timeout: 0, startPeriod: 0, retries: 0 },
				shell: ['/bin/bash', '-c'],
			},
			rootfs: { type: 'layers', diffIds: ROOTFS.diff_ids },
		});
	});

	it.each([{}, { config: null }, { config: { Env: null, Cmd: null, Volumes: null, Labels: null } }])(
		'may leave everything out: %j',
		change => {
			expect(parse(change).config).toEqual({
				user: '',
				env: [],
				entrypoint: [],
				cmd: [],
				workingDir: '',
				volumes: [],
				labels: {},
				stopSignal: '',
				exposedPorts: [],
			});
		},
	);

	it.each([
		[{ config: { Env: 'PATH=/bin' } }, '/config/Env must be an array'],
		[{ config: { Env: ['A=b\0c'] } }, '/config/Env/0 must be a string without NUL'],
		[{ config: { Cmd: [1] } }, '/config/Cmd/0 must be a string'],
		[{ config: { Volumes: ['/data'] } }, '/config/Volumes must be an object'],
		[{ config: { Volumes: { '/a\0b': {} } } }, '/config/Volumes must be an object whose keys hold no NUL'],
		[{ rootfs: { type: 'other' } }, '/rootfs/type must be "layers"'],
		[{ rootfs: { type: 'layers', diff_ids: ['sha256:x'] } }, '/rootfs/diff_ids/0 must be a digest'],
		[{ os: undefined }, '/os must be a string'],
	])('%j is refused by pointer', (change, message) => {
		expect(() => parse(change)).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_IMAGE', message: expect.stringContaining(message) }),
		);
	});
});
