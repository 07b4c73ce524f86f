import { describe, expect, it } from 'vitest';
import { parseChange } from '../../../src/spec/parse-change.ts';

const BASE = { Env: ['PATH=/bin', 'A=1'], Labels: { a: 'b' }, WorkingDir: '/srv', Cmd: ['old'] };

describe('an instruction changes the configuration', () => {
	it.each<readonly [string, object]>([
		['CMD ["a", "b c"]', { Cmd: ['a', 'b c'] }],
		['cmd echo $HOME', { Cmd: ['/bin/sh', '-c', 'echo $HOME'] }],
		['CMD', { Cmd: [] }],
		['ENTRYPOINT ["/x"]', { Entrypoint: ['/x'] }],
		['ENV A=2', { Env: ['PATH=/bin', 'A=2'] }],
		['ENV B="a b" C=d\\ e D=\'f g\'', { Env: ['PATH=/bin', 'A=1', 'B=a b', 'C=d e', 'D=f g'] }],
		['ENV B a b', { Env: ['PATH=/bin', 'A=1', 'B=a b'] }],
		['ENV B=', { Env: ['PATH=/bin', 'A=1', 'B='] }],
		['LABEL "com.example.x"="a \\"b\\"" c=d', { Labels: { a: 'b', 'com.example.x': 'a "b"', c: 'd' } }],
		['EXPOSE 80 53/udp', { ExposedPorts: { '80/tcp': {}, '53/udp': {} } }],
		['VOLUME /a /b', { Volumes: { '/a': {}, '/b': {} } }],
		['VOLUME ["/a b"]', { Volumes: { '/a b': {} } }],
		['USER 5:6', { User: '5:6' }],
		['WORKDIR /x', { WorkingDir: '/x' }],
		['WORKDIR x', { WorkingDir: '/srv/x' }],
		['STOPSIGNAL SIGINT', { StopSignal: 'SIGINT' }],
		['ONBUILD RUN true', { OnBuild: ['RUN true'] }],
	])('%s', (text, expected) => {
		expect(parseChange(text)(BASE)).toEqual({ ...BASE, ...expected });
	});
});

it.each(['', 'RUN true', 'FROM x', 'ENV', 'ENV A', 'ENV A=1 B', 'USER', 'constructor x', '=x'])(
	'%j is refused',
	text => {
		expect(() => parseChange(text)(BASE)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_FLAG' }));
	},
);

it('a relative directory needs one that it is relative to', () => {
	expect(() => parseChange('WORKDIR x')({})).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_FLAG' }));
});
