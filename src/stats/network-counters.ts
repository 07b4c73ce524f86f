/** Bytes of all interfaces of a network namespace but the loopback. */
export interface NetworkCounters {
	readonly received: bigint;
	readonly sent: bigint;
}

/** /proc/PID/net/dev (proc_pid_net(5)): two lines of heads, then `eth0: ` with eight counters of receiving and eight of sending. */
export function parseNetworkCounters(text: string): NetworkCounters {
	let [received, sent] = [0n, 0n];
	for (const line of text.split('\n')) {
		const match = /^\s*([^\s:]+):\s*(\d+)(?:\s+\d+){7}\s+(\d+)\s/.exec(line);
		if (match === null || match[1] === 'lo') continue;
		received += BigInt(match[2] ?? 0);
		sent += BigInt(match[3] ?? 0);
	}
	return { received, sent };
}
