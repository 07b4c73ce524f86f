import { badFlag } from './bad-flag.ts';
import { HOST_GATEWAY } from './host-gateway.ts';
import { ipAddressKind } from './ip-address-kind.ts';
import type { HostEntry } from './run-options.ts';

const FLAG = '--add-host';
const EXAMPLE = '--add-host db:10.0.0.5';

/** Reads docker's `--add-host <name>:<address>`; `=` may stand for the colon, brackets around an address; `host-gateway` in its place. @throws TsrunError TSRUN_BAD_FLAG */
export function parseAddHost(text: string): HostEntry {
	const match = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)[:=](.+)$/.exec(text);
	if (match?.[1] === undefined || match[2] === undefined) {
		throw badFlag(FLAG, text, { problem: 'is not <name>:<address>', example: EXAMPLE });
	}
	const address = match[2].replace(/^\[(.*)\]$/, '$1');
	if (address !== HOST_GATEWAY && ipAddressKind(address) === undefined) {
		throw badFlag(FLAG, text, { problem: `has no IP address, ${JSON.stringify(address)}`, example: EXAMPLE });
	}
	return { name: match[1], address };
}
