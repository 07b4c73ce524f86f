import { expect, it } from 'vitest';
import { readSpecFacts } from '../../../src/host/read-spec-facts.ts';

it('looks at nothing where the configuration names nothing', () => {
	expect(readSpecFacts({ linux: { namespaces: [{ type: 'mount' }] } })).toEqual({});
});

it('looks at the namespaces that are named', () => {
	const path = `/proc/${process.pid}/ns/net`;
	expect(readSpecFacts({ linux: { namespaces: [{ type: 'network', path }] } })).toEqual({
		namespaceFiles: { [path]: { kind: 'namespace', type: 'net', isOwn: true } },
	});
});
