import type { Digest } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { DOCKER_HUB, isShortName, type NameReference, normaliseName, splitRepository } from '../parse-reference.ts';
import type { RegistriesConfig, RegistryRule } from './registries-conf.ts';

/** One place from which an image may come, and to which it may go. */
export interface Endpoint {
	/** `host[:port]`, as the configuration and login files name it. */
	readonly host: string;
	readonly repository: string;
	/** Plain HTTP and unknown certificates are taken. */
	readonly isInsecure: boolean;
}

/** A name with its registry: what is asked of one. */
export interface FullName {
	/** As docker displays it, with its tag or digest: the name in the store. */
	readonly name: string;
	/** `docker.io/library/busybox`. */
	readonly repository: string;
	/** Tag, or digest where one was given: then it alone counts. */
	readonly version: string;
	readonly digest?: Digest;
}

/**
 * The full names that a reference may stand for, in the order in which they are tried. A name without a registry is an alias of the
 * configuration, or is in one of its search registries, or Docker's.
 */
export function fullNamesOf(reference: NameReference, config: RegistriesConfig): readonly FullName[] {
	const { name, digest } = reference;
	const colon = name.lastIndexOf(':');
	const [repository, tag] = [name.slice(0, colon), name.slice(colon + 1)];
	const full = (place: string): FullName => {
		const { domain, path } = splitRepository(place);
		const version = digest ?? tag;
		return {
			name: `${repositoryPart(place)}${digest === undefined ? ':' : '@'}${version}`,
			repository: `${domain}/${path}`,
			version,
			...(digest === undefined ? {} : { digest }),
		};
	};
	if (!isShortName(reference.text)) return [full(repository)];
	const alias = Object.hasOwn(config.aliases, repository) ? config.aliases[repository] : undefined;
	if (alias !== undefined) return [full(repositoryPart(alias))];
	return (config.search ?? [DOCKER_HUB]).map(registry =>
		full(registry === DOCKER_HUB ? repository : repositoryPart(`${registry}/${repository}`)),
	);
}

/** The name without tag, in its one spelling. */
function repositoryPart(place: string): string {
	return normaliseName(place).slice(0, -':latest'.length);
}

/**
 * Where a repository is pulled from: the mirrors that its rule names, then the registry itself.
 * @throws TsrunError TSRUN_REGISTRY_BLOCKED
 */
export function pullEndpoints({ repository, digest }: FullName, config: RegistriesConfig): readonly Endpoint[] {
	const rule = ruleFor(repository, config);
	const mirrors = (rule?.mirrors ?? []).filter(
		({ serves }) => serves === 'all' || serves === (digest === undefined ? 'tag-only' : 'digest-only'),
	);
	return [
		...mirrors.map(({ location, isInsecure }) => place(repository, { rule, location, isInsecure })),
		pushEndpoint(repository, config),
	];
}

/** Where a repository is pushed to: never a mirror. @throws TsrunError TSRUN_REGISTRY_BLOCKED */
export function pushEndpoint(repository: string, config: RegistriesConfig): Endpoint {
	const rule = ruleFor(repository, config);
	if (rule?.isBlocked === true) {
		throw new TsrunError('TSRUN_REGISTRY_BLOCKED', `registry ${rule.prefix} of ${repository} is blocked`, {
			hint: 'registries.conf says blocked = true',
		});
	}
	return place(repository, { rule, location: rule?.location, isInsecure: rule?.isInsecure ?? false });
}

interface Place {
	readonly rule: RegistryRule | undefined;
	readonly location: string | undefined;
	readonly isInsecure: boolean;
}

function place(repository: string, { rule, location, isInsecure }: Place): Endpoint {
	const prefix = rule === undefined ? '' : rule.prefix.startsWith('*.') ? hostOf(repository) : rule.prefix;
	const moved = location === undefined ? repository : `${location}${repository.slice(prefix.length)}`;
	return { host: hostOf(moved), repository: moved.slice(hostOf(moved).length + 1), isInsecure };
}

/** The rule whose prefix is the longest that fits. */
function ruleFor(repository: string, { rules }: RegistriesConfig): RegistryRule | undefined {
	return rules
		.filter(({ prefix }) => fits(repository, prefix))
		.toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
}

function fits(repository: string, prefix: string): boolean {
	if (prefix.startsWith('*.')) return hostOf(repository).endsWith(prefix.slice(1));
	return repository === prefix || repository.startsWith(`${prefix}/`);
}

function hostOf(repository: string): string {
	const slash = repository.indexOf('/');
	return slash === -1 ? repository : repository.slice(0, slash);
}
