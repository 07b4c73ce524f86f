import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { hostsFile } from '../spec/hosts-file.ts';
import { resolvConfFile } from '../spec/resolv-conf-file.ts';
import type { RunOptions } from '../spec/run-options.ts';

export interface ContainerFilePaths {
	readonly hosts: string;
	readonly hostname: string;
	readonly resolvConf: string;
}

/** Where a container's own /etc files are, in its directory. */
export function containerFilePaths(directory: string): ContainerFilePaths {
	return {
		hosts: join(directory, 'hosts'),
		hostname: join(directory, 'hostname'),
		resolvConf: join(directory, 'resolv.conf'),
	};
}

export interface ContainerFilesInput {
	readonly directory: string;
	readonly spec: RuntimeSpec;
	readonly options: RunOptions;
	readonly volumes: readonly string[];
	readonly hostHostname: string;
}

/** Makes the container's directory: places for its overlay and volumes, its /etc files, its config.json. */
export function writeContainerFiles({ directory, spec, options, volumes, hostHostname }: ContainerFilesInput): void {
	// Root of a user namespace passes through by the group, which the plan sets; nobody else enters (CVE-2021-41091).
	mkdirSync(directory, { mode: 0o710 });
	for (const name of ['upper', 'work', 'merged'])
		mkdirSync(join(directory, name), { mode: name === 'upper' ? 0o755 : 0o711 });
	for (const volume of volumes) {
		mkdirSync(join(volume, 'upper'), { recursive: true });
		mkdirSync(join(volume, 'work'));
	}
	for (const bind of options.mounts) {
		if (bind.kind === 'bind' && bind.createSource) mkdirSync(bind.source, { recursive: true });
	}
	const hostname = spec.hostname ?? hostHostname;
	const paths = containerFilePaths(directory);
	const mode = options.network.kind;
	writeFile(paths.hostname, `${hostname}\n`);
	writeFile(
		paths.hosts,
		hostsFile({
			hostname,
			domainname: spec.domainname,
			addHosts: options.addHosts,
			loopbackOnly: mode !== 'host',
			networkHost: mode === 'host',
			hostFile: readIfThere('/etc/hosts'),
		}),
	);
	writeFile(
		paths.resolvConf,
		resolvConfFile({
			hostFile: readIfThere('/etc/resolv.conf'),
			dns: options.dns,
			search: options.dnsSearch,
			options: options.dnsOptions,
			networkMode: mode === 'container' ? 'private' : mode,
		}),
	);
	writeFileSync(join(directory, 'config.json'), JSON.stringify(spec, undefined, '\t'), { mode: 0o600 });
}

/** Readable by every user of the container, whatever the umask here. */
function writeFile(path: string, text: string): void {
	writeFileSync(path, text);
	chmodSync(path, 0o644);
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
