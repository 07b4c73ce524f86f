import { TsrunError } from '../../core/errors.ts';
import { systemWords } from '../../core/system-failure.ts';
import { BusConnection } from '../../native/bus-connection.ts';
import type { DbusMessage } from '../../plan/dbus/dbus-message.ts';
import {
	type BusCall,
	hello,
	MANAGER,
	managerVersion,
	parseSystemdVersion,
	subscribe,
	watchJobs,
} from '../../plan/systemd/systemd-call.ts';

/** systemd's manager, over a connection that is open for one command. */
export interface SystemdManager {
	/** Its major number. */
	readonly version: number;
	/** @throws TsrunError TSRUN_SYSTEMD in systemd's words, but for errors with one of the names in `expected`, which are returned */
	readonly call: (call: BusCall, expected?: readonly string[]) => DbusMessage;
	/** How a job of a unit has ended: `done`, or why not. */
	readonly jobResult: (job: string) => string;
	readonly close: () => void;
}

/** The bus, and systemd's own socket, which root may use where there is no bus. */
const SOCKETS = [
	{ path: '/run/dbus/system_bus_socket', isBus: true },
	{ path: '/run/systemd/private', isBus: false },
] as const;
/** As long as runc waits for a job. */
const TIMEOUT_MS = 30_000;

/** @throws TsrunError TSRUN_SYSTEMD */
export function openSystemdManager(): SystemdManager {
	const problems: string[] = [];
	for (const socket of SOCKETS) {
		try {
			return managerOf(socket);
		} catch (error) {
			problems.push(`${socket.path}: ${reasonOf(error)}`);
		}
	}
	throw new TsrunError('TSRUN_SYSTEMD', `cannot reach systemd: ${problems.join('; ')}`, {
		hint: 'is dbus.service running? Without --systemd-cgroup tsrun makes cgroups by itself',
		exitCode: 1,
	});
}

function managerOf({ path, isBus }: (typeof SOCKETS)[number]): SystemdManager {
	const connection = BusConnection.open(path, TIMEOUT_MS);
	const ask = (call: BusCall, expected: readonly string[] = []): DbusMessage => {
		const answer = guarded(call.member, () => connection.call(call));
		if (answer.type === 'return' || expected.includes(answer.errorName ?? '')) return answer;
		const words = typeof answer.body[0] === 'string' ? answer.body[0] : answer.errorName;
		throw new TsrunError('TSRUN_SYSTEMD', `systemd refuses ${call.member}: ${words}`, { exitCode: 1 });
	};
	try {
		if (isBus) {
			ask(hello());
			ask(watchJobs());
		}
		const [variant] = ask(managerVersion()).body;
		ask(subscribe());
		return {
			version: parseSystemdVersion(String((variant as { readonly value?: unknown } | undefined)?.value)),
			call: ask,
			jobResult: job => {
				const [, , , result] = guarded('JobRemoved', () => connection.signal(message => isEndOf(message, job))).body;
				return String(result);
			},
			close: () => connection.close(),
		};
	} catch (error) {
		connection.close();
		throw error;
	}
}

/** `JobRemoved(id, job, unit, result)`. */
function isEndOf({ interface: from, member, body }: DbusMessage, job: string): boolean {
	return from === MANAGER && member === 'JobRemoved' && body[1] === job;
}

function guarded<T>(what: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw new TsrunError('TSRUN_SYSTEMD', `systemd does not answer to ${what}: ${reasonOf(error)}`, { exitCode: 1 });
	}
}

function reasonOf(error: unknown): string {
	if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return `nothing came in ${TIMEOUT_MS / 1000} s`;
	return systemWords(error) ?? (error instanceof Error ? error.message : String(error));
}
