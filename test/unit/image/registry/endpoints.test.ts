import { describe, expect, it } from 'vitest';
import { type NameReference, parseReference } from '../../../../src/image/parse-reference.ts';
import { fullNamesOf, pullEndpoints, pushEndpoint } from '../../../../src/image/registry/endpoints.ts';
import { parseRegistriesConf } from '../../../../src/image/registry/registries-conf.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const config = (text: string) => parseRegistriesConf(text, 'test');
const names = (text: string, conf = '') =>
	fullNamesOf(parseReference(text) as NameReference, config(conf)).map(({ name, repository, version }) => [
		name,
		repository,
		version,
	]);

describe('a name stands for', () => {
	it.each([
		['busybox', 'busybox:latest', 'docker.io/library/busybox', 'latest'],
		['team/app:1', 'team/app:1', 'docker.io/team/app', '1'],
		['localhost:5000/app', 'localhost:5000/app:latest', 'localhost:5000/app', 'latest'],
		[`busybox@${DIGEST}`, `busybox@${DIGEST}`, 'docker.io/library/busybox', DIGEST],
		[`busybox:1@${DIGEST}`, `busybox@${DIGEST}`, 'docker.io/library/busybox', DIGEST],
	])('%s: %s, %s at %s', (text, name, repository, version) => {
		expect(names(text)).toEqual([[name, repository, version]]);
	});

	it('one of the search registries, in their order, when it names none', () => {
		const search = 'unqualified-search-registries = ["quay.io", "docker.io"]';
		expect(names('app:1', search)).toEqual([
			['quay.io/app:1', 'quay.io/app', '1'],
			['app:1', 'docker.io/library/app', '1'],
		]);
		expect(names('docker.io/app:1', search)).toEqual([['app:1', 'docker.io/library/app', '1']]);
		expect(names('app', 'unqualified-search-registries = []')).toEqual([]);
	});

	it('its alias', () => {
		const aliases =
			'[aliases]\n"fedora" = "registry.fedoraproject.org/fedora"\n"busybox" = "docker.io/library/busybox"';
		expect(names('fedora:40', aliases)).toEqual([
			['registry.fedoraproject.org/fedora:40', 'registry.fedoraproject.org/fedora', '40'],
		]);
		expect(names('busybox', aliases)).toEqual([['busybox:latest', 'docker.io/library/busybox', 'latest']]);
		expect(names('x.io/fedora', aliases)[0]?.[1]).toBe('x.io/fedora');
	});
});

const endpoints = (text: string, conf: string) =>
	fullNamesOf(parseReference(text) as NameReference, config(conf))
		.flatMap(name => pullEndpoints(name, config(conf)))
		.map(({ host, repository, isInsecure }) => `${host}/${repository}${isInsecure ? ' insecure' : ''}`);

describe('an image comes from', () => {
	it.each([
		['its registry', '', 'a.io/x/y', ['a.io/x/y']],
		['where its prefix was moved to', '[[registry]]\nprefix="a.io/x"\nlocation="b.io/z"', 'a.io/x/y', ['b.io/z/y']],
		[
			'its own place where the prefix only looks alike',
			'[[registry]]\nprefix="a.io/x"\nlocation="b.io"',
			'a.io/xy',
			['a.io/xy'],
		],
		[
			'where the longest prefix says',
			'[[registry]]\nprefix="a.io"\nlocation="b.io"\n[[registry]]\nprefix="a.io/x"\nlocation="c.io"',
			'a.io/x/y',
			['c.io/y'],
		],
		[
			'Docker’s registry by its own name',
			'[[registry]]\nprefix="docker.io"\nlocation="b.io/hub"',
			'busybox',
			['b.io/hub/library/busybox'],
		],
		['a wildcard’s host', '[[registry]]\nprefix="*.a.io"\ninsecure=true', 'h.a.io/x', ['h.a.io/x insecure']],
		['no wildcard of the bare domain', '[[registry]]\nprefix="*.a.io"\ninsecure=true', 'a.io/x', ['a.io/x']],
		[
			'the mirrors first, each with its own trust',
			'[[registry]]\nlocation="a.io"\n[[registry.mirror]]\nlocation="m:1"\ninsecure=true\n[[registry.mirror]]\nlocation="n.io/c"',
			'a.io/x',
			['m:1/x insecure', 'n.io/c/x', 'a.io/x'],
		],
		[
			'no mirror for digests where a tag is asked for',
			'[[registry]]\nlocation="a.io"\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation="m"',
			'a.io/x',
			['a.io/x'],
		],
		[
			'a mirror for digests',
			'[[registry]]\nlocation="a.io"\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation="m"',
			`a.io/x@${DIGEST}`,
			['m/x', 'a.io/x'],
		],
	])('%s', (_, conf, text, expected) => {
		expect(endpoints(text, conf)).toEqual(expected);
	});

	it('nowhere when it is blocked, and goes nowhere', () => {
		const conf = '[[registry]]\nprefix="a.io/bad"\nblocked=true';
		const blocked = expect.objectContaining({ code: 'TSRUN_REGISTRY_BLOCKED' });
		expect(() => endpoints('a.io/bad/x', conf)).toThrow(blocked);
		expect(() => pushEndpoint('a.io/bad/x', config(conf))).toThrow(blocked);
		expect(endpoints('a.io/good', conf)).toEqual(['a.io/good']);
	});
});

it('an image never goes to a mirror', () => {
	const conf = config('[[registry]]\nlocation="a.io"\n[[registry.mirror]]\nlocation="m"');
	expect(pushEndpoint('a.io/x', conf)).toEqual({ host: 'a.io', repository: 'x', isInsecure: false });
});
