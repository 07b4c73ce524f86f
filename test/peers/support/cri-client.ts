import { join } from 'node:path';
import { type Client, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { SLOWNESS } from '../../kernel/support/slowness.ts';

export interface PodSandboxConfig {
	readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string };
	readonly hostname?: string;
	readonly log_directory: string;
	readonly linux?: Readonly<Record<string, unknown>>;
}

export interface ContainerConfig {
	readonly metadata: { readonly name: string };
	readonly image: { readonly image: string };
	readonly command?: readonly string[];
	readonly log_path: string;
	readonly linux?: Readonly<Record<string, unknown>>;
	readonly [field: string]: unknown;
}

/** Requests and answers of the calls, as far as `cri.proto` has them. Bytes are buffers, 64 bits are text, enums are names. */
interface Calls {
	readonly Version: [Record<string, never>, { readonly runtime_name: string; readonly runtime_api_version: string }];
	readonly Status: [
		Record<string, never>,
		{ readonly status: { readonly conditions: readonly { readonly type: string; readonly status: boolean }[] } },
	];
	readonly RunPodSandbox: [
		{ readonly config: PodSandboxConfig; readonly runtime_handler: string },
		{ readonly pod_sandbox_id: string },
	];
	readonly StopPodSandbox: [{ readonly pod_sandbox_id: string }, unknown];
	readonly RemovePodSandbox: [{ readonly pod_sandbox_id: string }, unknown];
	readonly PodSandboxStatus: [
		{ readonly pod_sandbox_id: string },
		{
			readonly status: {
				readonly state: string;
				readonly runtime_handler: string;
				readonly network: { readonly ip: string } | null;
			};
		},
	];
	readonly CreateContainer: [
		{ readonly pod_sandbox_id: string; readonly config: ContainerConfig; readonly sandbox_config: PodSandboxConfig },
		{ readonly container_id: string },
	];
	readonly StartContainer: [{ readonly container_id: string }, unknown];
	readonly StopContainer: [{ readonly container_id: string; readonly timeout: number }, unknown];
	readonly RemoveContainer: [{ readonly container_id: string }, unknown];
	readonly ContainerStatus: [
		{ readonly container_id: string },
		{
			readonly status: {
				readonly state: string;
				readonly exit_code: number;
				readonly reason: string;
				readonly message: string;
			};
		},
	];
	readonly UpdateContainerResources: [
		{ readonly container_id: string; readonly linux: Readonly<Record<string, number>> },
		unknown,
	];
	readonly ExecSync: [
		{ readonly container_id: string; readonly cmd: readonly string[]; readonly timeout?: number },
		{ readonly stdout: Buffer; readonly stderr: Buffer; readonly exit_code: number },
	];
	readonly ContainerStats: [
		{ readonly container_id: string },
		{
			readonly stats: {
				readonly cpu: { readonly usage_core_nano_seconds: { readonly value: string } };
				readonly memory: { readonly working_set_bytes: { readonly value: string } };
			};
		},
	];
}

export interface CriClient {
	/** @throws ServiceError, with the text of the runtime in `details` */
	readonly call: <Name extends keyof Calls>(name: Name, request: Calls[Name][0]) => Promise<Calls[Name][1]>;
	readonly close: () => void;
}

type Method = (
	request: unknown,
	options: { readonly deadline: number },
	answer: (error: ServiceError | null, response: unknown) => void,
) => void;

/** Speaks with the CRI service behind a socket. */
export function criClient(socket: string): CriClient {
	const definition = loadSync(join(import.meta.dirname, 'cri.proto'), {
		keepCase: true,
		longs: String,
		enums: String,
		defaults: true,
	});
	const { runtime } = loadPackageDefinition(definition) as unknown as {
		readonly runtime: { readonly v1: { readonly RuntimeService: new (...args: readonly unknown[]) => Client } };
	};
	// Without an authority of its own a client takes the path for one, which servers refuse.
	const options = { 'grpc.default_authority': 'localhost' };
	const client = new runtime.v1.RuntimeService(`unix://${socket}`, credentials.createInsecure(), options);
	const methods = client as unknown as Readonly<Record<string, Method>>;
	return {
		call: (name, request) =>
			new Promise((resolve, reject) => {
				methods[name]?.call(client, request, { deadline: Date.now() + 30_000 * SLOWNESS }, (error, response) => {
					if (error === null) resolve(response as never);
					else reject(error);
				});
			}),
		close: () => client.close(),
	};
}
