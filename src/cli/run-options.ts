import { resolve } from 'node:path/posix';
import { TsrunError } from '../core/errors.ts';
import { systemWords } from '../core/system-failure.ts';
import { badFlag } from '../spec/bad-flag.ts';
import { checkRunOptions } from '../spec/check-run-options.ts';
import { parseAddHost } from '../spec/parse-add-host.ts';
import { parseCapability } from '../spec/parse-capability.ts';
import { parseCgroupParent } from '../spec/parse-cgroup-parent.ts';
import { parseContainerName } from '../spec/parse-container-name.ts';
import { parseDevice } from '../spec/parse-device.ts';
import { parseDns, parseDnsOption, parseDnsSearch } from '../spec/parse-dns.ts';
import { type Environment, parseEnv } from '../spec/parse-env.ts';
import { parseEnvFile } from '../spec/parse-env-file.ts';
import { parseHostname } from '../spec/parse-hostname.ts';
import { parseInteger } from '../spec/parse-integer.ts';
import { parseLabel } from '../spec/parse-label.ts';
import { parseLogOptions } from '../spec/parse-log-options.ts';
import { parseMount } from '../spec/parse-mount.ts';
import { parseNamespaceMode } from '../spec/parse-namespace-mode.ts';
import { parsePlatform } from '../spec/parse-platform.ts';
import { parseRestart } from '../spec/parse-restart.ts';
import { parseSecurityOpts } from '../spec/parse-security-opt.ts';
import { parseSignal } from '../spec/parse-signal.ts';
import { parseSysctl } from '../spec/parse-sysctl.ts';
import { parseTmpfs } from '../spec/parse-tmpfs.ts';
import { parseUlimit } from '../spec/parse-ulimit.ts';
import { parseIdOrName, parseUser } from '../spec/parse-user.ts';
import { parseUserns } from '../spec/parse-userns.ts';
import { parseVolume } from '../spec/parse-volume.ts';
import { parseWorkdir } from '../spec/parse-workdir.ts';
import type { RunOptions, SeccompChoice } from '../spec/run-options.ts';

import { type CollectedFlags, flagReader, given } from './flag-reader.ts';
import { readHealthOptions } from './health-options.ts';
import { readNetworkOptions } from './network/network-options.ts';
import { readResourceOptions, sizeOrUnset } from './resource-options.ts';

export interface RunFlagsContext {
	/** What a bare `-e NAME` takes its value from. */
	readonly environment: Environment;
	/** Absolute directory that relative paths count from. */
	readonly cwd: string;
	/** Text of a file; throws as node:fs does. */
	readonly readText: (path: string) => string;
}

/** Reads what the flags say and checks them together. @throws TsrunError TSRUN_BAD_FLAG */
export function readRunOptions(flags: CollectedFlags, context: RunFlagsContext): RunOptions {
	const options = toRunOptions(flags, context);
	checkRunOptions(options);
	return options;
}

function toRunOptions(collected: CollectedFlags, { environment, cwd, readText }: RunFlagsContext): RunOptions {
	const flags = flagReader(collected);
	const security = parseSecurityOpts(flags.list('securityOpt'));
	return {
		...flags.named('name', text => parseContainerName(text)),
		rm: flags.isSet('rm'),
		detach: flags.isSet('detach'),
		log: parseLogOptions(flags.value('logDriver') || 'k8s-file', flags.list('logOpt')),
		restart: parseRestart(flags.value('restart') ?? 'no'),
		...flags.parsed('stopTimeout', text =>
			parseInteger('--stop-timeout', text, { min: -1, max: 0x7fff_ffff, example: '10' }),
		),
		health: readHealthOptions(flags),
		interactive: flags.isSet('interactive'),
		tty: flags.isSet('tty'),
		env: [
			...flags.list('envFile').flatMap(file => parseEnvFile(file, readEnvFile(file, { cwd, readText }), environment)),
			...flags.list('env').map(text => parseEnv(text, environment)),
		],
		...flags.named('user', checkUser),
		groupAdd: flags.list('groupAdd').map(checkGroup),
		...flags.named('workdir', parseWorkdir),
		mounts: [
			...flags.list('volume').map(text => parseVolume(text, cwd)),
			...flags.list('mount').map(text => parseMount(text, cwd)),
			...flags.list('tmpfs').map(parseTmpfs),
		],
		readOnly: flags.isSet('readOnly'),
		...flags.named('hostname', text => parseHostname('--hostname', text)),
		...flags.named('domainname', text => parseHostname('--domainname', text)),
		addHosts: flags.list('addHost').map(parseAddHost),
		dns: flags.list('dns').map(parseDns),
		dnsSearch: flags.list('dnsSearch').map(parseDnsSearch),
		dnsOptions: [...flags.list('dnsOption'), ...flags.list('dnsOpt')].map(parseDnsOption),
		...flags.parsed('entrypoint', text => text),
		labels: Object.fromEntries(flags.list('label').map(parseLabel)),
		init: flags.isSet('init'),
		privileged: flags.isSet('privileged'),
		capAdd: flags.list('capAdd').map(text => parseCapability('--cap-add', text)),
		capDrop: flags.list('capDrop').map(text => parseCapability('--cap-drop', text)),
		seccomp: seccompChoice(security.seccomp, cwd),
		noNewPrivileges: security.noNewPrivileges,
		devices: flags.list('device').map(parseDevice),
		sysctl: Object.fromEntries(flags.list('sysctl').map(parseSysctl)),
		ulimits: [...new Map(flags.list('ulimit').map(text => [parseUlimit(text).type, parseUlimit(text)])).values()],
		...given('shmSize', sizeOrUnset('--shm-size', flags.value('shmSize'))),
		pid: parseNamespaceMode('--pid', flags.value('pid') || 'private'),
		ipc: parseNamespaceMode('--ipc', flags.value('ipc') || 'private'),
		uts: parseNamespaceMode('--uts', flags.value('uts') || 'private'),
		...readNetworkOptions(flags, environment),
		userns: parseUserns(flags.value('userns') || 'host'),
		cgroupns: oneOf('--cgroupns', flags.value('cgroupns') || 'private', ['private', 'host'] as const),
		...flags.named('cgroupParent', parseCgroupParent),
		resources: readResourceOptions(flags),
		...flags.parsed('oomScoreAdj', text =>
			parseInteger('--oom-score-adj', text, { min: -1000, max: 1000, example: '500' }),
		),
		...flags.parsed('stopSignal', toSignal),
		...flags.named('cidfile', text => toPath('--cidfile', text, cwd)),
		...flags.named('platform', parsePlatform),
		pull: oneOf('--pull', flags.value('pull') ?? 'missing', ['missing', 'never', 'always'] as const),
		noPivot: flags.isRefused('pivot'),
	};
}

function seccompChoice(choice: SeccompChoice, cwd: string): SeccompChoice {
	return choice.kind === 'file' ? { kind: 'file', path: resolve(cwd, choice.path) } : choice;
}

function toSignal(text: string): number {
	const signal = parseSignal(text);
	if (signal !== undefined) return signal;
	throw badFlag('--stop-signal', text, { problem: 'is not a signal', example: '--stop-signal SIGINT' });
}

function toPath(flag: string, text: string, cwd: string): string {
	if (text === '') throw badFlag(flag, text, { problem: 'names no file' });
	return resolve(cwd, text);
}

function oneOf<const W extends string>(flag: string, text: string, words: readonly W[]): W {
	const word = words.find(each => each === text);
	if (word === undefined) throw badFlag(flag, text, { problem: 'is not known', hint: `there are ${words.join(', ')}` });
	return word;
}

function checkUser(text: string): string {
	return rephrased('--user', text, () => parseUser(text));
}

function checkGroup(text: string): string {
	return rephrased('--group-add', text, () => parseIdOrName(text, text));
}

/** Whether the name exists only the image can tell; that it could be one is seen here. */
function rephrased(flag: string, text: string, parse: () => unknown): string {
	try {
		parse();
		return text;
	} catch (cause) {
		if (!(cause instanceof TsrunError)) throw cause;
		throw badFlag(flag, text, { problem: 'is not a name or an id', hint: cause.hint ?? cause.message });
	}
}

function readEnvFile(file: string, { cwd, readText }: Pick<RunFlagsContext, 'cwd' | 'readText'>): string {
	try {
		return readText(toPath('--env-file', file, cwd));
	} catch (cause) {
		if (cause instanceof TsrunError) throw cause;
		throw badFlag('--env-file', file, { problem: `cannot be read: ${systemWords(cause) ?? (cause as Error).message}` });
	}
}
