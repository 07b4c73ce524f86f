import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readRegistriesConf } from '../../../../src/image/registry/read-registries-conf.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-conf-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const write = (name: string, text: string): void => {
	mkdirSync(join(dir, name, '..'), { recursive: true });
	writeFileSync(join(dir, name), text);
};

it("reads the user's file and the pieces beside it in the order of their names", () => {
	write('home/.config/containers/registries.conf', 'unqualified-search-registries = ["a.io"]\n');
	write('home/.config/containers/registries.conf.d/20.conf', '[aliases]\n"tsrun-x" = "c.io/x"\n');
	write('home/.config/containers/registries.conf.d/10.conf', '[aliases]\n"tsrun-x" = "b.io/x"\n');
	write('home/.config/containers/registries.conf.d/30.txt', 'no TOML at all');
	const config = readRegistriesConf({ HOME: join(dir, 'home') });
	expect(config.search).toEqual(['a.io']);
	expect(config.aliases['tsrun-x']).toBe('c.io/x');
});

it('reads only the file that the environment names', () => {
	write('own.conf', 'unqualified-search-registries = ["own.io"]\n');
	const config = readRegistriesConf({ HOME: join(dir, 'home'), CONTAINERS_REGISTRIES_CONF: join(dir, 'own.conf') });
	expect(config).toEqual({ search: ['own.io'], rules: [], aliases: {} });
});

it('names the file that is wrong', () => {
	write('bad.conf', '= 1\n');
	expect(() => readRegistriesConf({ CONTAINERS_REGISTRIES_CONF: join(dir, 'bad.conf') })).toThrow(
		/bad\.conf:1 is not TOML/,
	);
	expect(() => readRegistriesConf({ CONTAINERS_REGISTRIES_CONF: dir })).toThrow(`cannot read ${dir}: is a directory`);
});
