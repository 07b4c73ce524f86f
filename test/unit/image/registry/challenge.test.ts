import { expect, it } from 'vitest';
import { parseChallenges } from '../../../../src/image/registry/challenge.ts';

it.each([
	['Basic realm="r"', [['basic', { realm: 'r' }]]],
	[
		'bearer REALM="https://a/t", service=s,scope="a:b,c"',
		[['bearer', { realm: 'https://a/t', service: 's', scope: 'a:b,c' }]],
	],
	[
		'Basic realm="a \\"b\\"", Bearer realm="x"',
		[
			['basic', { realm: 'a "b"' }],
			['bearer', { realm: 'x' }],
		],
	],
	[
		'Negotiate, Basic realm=r',
		[
			['negotiate', {}],
			['basic', { realm: 'r' }],
		],
	],
	['Bearer  realm = "x" , , service= "y"', [['bearer', { realm: 'x', service: 'y' }]]],
	['Bearer __proto__="x"', [['bearer', JSON.parse('{"__proto__":"x"}')]]],
	['', []],
	['"', []],
])('%s', (header, expected) => {
	expect(parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }])).toEqual(expected);
});
