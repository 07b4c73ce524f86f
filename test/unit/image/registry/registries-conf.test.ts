import { describe, expect, it } from 'vitest';
import {
	mergeRegistriesConf,
	NO_REGISTRIES_CONFIG,
	parseRegistriesConf,
} from '../../../../src/image/registry/registries-conf.ts';

const parse = (text: string) => parseRegistriesConf(text, '/etc/containers/registries.conf');

it('reads what containers-registries.conf(5) tells of version 2', () => {
	const config = parse(`
unqualified-search-registries = ["docker.io", "quay.io"]
short-name-mode = "enforcing"

[[registry]]
prefix = "example.com/team"
location = "internal.example:5000/mirror/team"
insecure = true
[[registry.mirror]]
location = "near.example/team"
[[registry.mirror]]
location = "[::1]:5000"
insecure = true
pull-from-mirror = "digest-only"

[[registry]]
location = "bad.example"
blocked = true
mirror-by-digest-only = true
[[registry.mirror]]
location = "m.example"

[aliases]
"busybox" = "quay.io/prometheus/busybox"
`);
	expect(config).toEqual({
		search: ['docker.io', 'quay.io'],
		rules: [
			{
				prefix: 'example.com/team',
				location: 'internal.example:5000/mirror/team',
				isInsecure: true,
				isBlocked: false,
				mirrors: [
					{ location: 'near.example/team', isInsecure: false, serves: 'all' },
					{ location: '[::1]:5000', isInsecure: true, serves: 'digest-only' },
				],
			},
			{
				prefix: 'bad.example',
				location: 'bad.example',
				isInsecure: false,
				isBlocked: true,
				mirrors: [{ location: 'm.example', isInsecure: false, serves: 'digest-only' }],
			},
		],
		aliases: { busybox: 'quay.io/prometheus/busybox' },
	});
	expect(parse('')).toEqual(NO_REGISTRIES_CONFIG);
});

it.each([
	['no TOML', '[[registry]\n', /registries\.conf:1 is not TOML: /],
	['version 1', '[registries.search]\nregistries = ["a"]\n', /\/registries must be absent: this is version 1/],
	['a scheme', '[[registry]]\nlocation = "https://a"\n', /\/registry\/0\/location must be host\[:port\]/],
	['a climbing path', '[[registry]]\nlocation = "a/../b"\n', /\/registry\/0\/location must be host/],
	['a mirror without a place', '[[registry]]\nlocation = "a"\n[[registry.mirror]]\n', /mirror\/0\/location must be/],
	['a rule of nothing', '[[registry]]\ninsecure = true\n', /\/registry\/0\/location must be a registry/],
	['a moved wildcard', '[[registry]]\nprefix = "*.a.b"\nlocation = "c"\n', /location must be absent beside a prefix/],
	['a word for a truth', '[[registry]]\nlocation = "a"\ninsecure = "no"\n', /insecure must be true or false/],
	[
		'an unknown word',
		'[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation="b"\npull-from-mirror="x"\n',
		/must be all, digest-only or tag-only/,
	],
])('refuses %s by its place', (_, text, message) => {
	expect(() => parse(text)).toThrow(
		expect.objectContaining({ code: 'TSRUN_BAD_REGISTRIES_CONF', message: expect.stringMatching(message) }),
	);
});

describe('of two files', () => {
	it('the later one has the last word on what both name', () => {
		const earlier = parse(
			'unqualified-search-registries=["a"]\n[[registry]]\nlocation="x"\n[[registry]]\nlocation="y"\n[aliases]\n"p"="a/p"\n"q"="a/q"',
		);
		const later = parse('[[registry]]\nlocation="x"\ninsecure=true\n[aliases]\n"q"="b/q"');
		const merged = mergeRegistriesConf(earlier, later);
		expect(merged.search).toEqual(['a']);
		expect(merged.rules.map(({ prefix, isInsecure }) => [prefix, isInsecure])).toEqual([
			['y', false],
			['x', true],
		]);
		expect(merged.aliases).toEqual({ p: 'a/p', q: 'b/q' });
		expect(mergeRegistriesConf(earlier, parse('unqualified-search-registries=[]')).search).toEqual([]);
	});
});
