import { type AddressInfo, connect, createServer } from 'node:net';

export interface CuttingProxy {
	/** `127.0.0.1:port` */
	readonly host: string;
	/** How many connections were cut. */
	readonly cuts: () => number;
	readonly close: () => Promise<void>;
}

export interface Cut {
	/** Ends a connection on which this is asked: `PATCH`. */
	readonly method: string;
	/** Bytes from then on that pass. */
	readonly after: number;
	/** How many connections are cut; the others pass. */
	readonly times: number;
}

/** Stands before a server, and loses connections while something is sent to it. */
export async function cuttingProxy(target: string, { method, after, times }: Cut): Promise<CuttingProxy> {
	const [host = '', port = ''] = target.split(':');
	let cuts = 0;
	const server = createServer(client => {
		const upstream = connect(Number(port), host);
		const end = (): void => {
			client.destroy();
			upstream.destroy();
		};
		for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
		upstream.pipe(client);
		let passed: number | undefined;
		client.on('data', (chunk: Buffer) => {
			if (passed === undefined && chunk.subarray(0, 8).toString('latin1').startsWith(`${method} `)) passed = 0;
			if (passed === undefined || cuts >= times) {
				upstream.write(chunk);
				return;
			}
			const rest = chunk.subarray(0, after - passed);
			passed += rest.length;
			if (passed < after) {
				upstream.write(rest);
				return;
			}
			cuts++;
			client.removeAllListeners('data');
			upstream.write(rest, () => setTimeout(end, 50));
		});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {
		host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		cuts: () => cuts,
		close: () => new Promise(resolve => server.close(() => resolve())),
	};
}
