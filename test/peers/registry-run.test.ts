import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCli } from '../cli/support.ts';
import { openPushedImage, type PushedImage } from './support/pushed-image.ts';

let at: PushedImage['at'];
let registry: PushedImage['registry'];
let fresh: PushedImage['fresh'];
let close: PushedImage['close'];
beforeAll(async () => {
	({ at, registry, fresh, close } = await openPushedImage());
});
afterAll(() => close());

describe('run', () => {
	it('brings an image that is missing, once, and says so on stderr alone', async () => {
		const { tsrun, remove } = fresh();
		const name = `${registry.host}/team/app:1`;
		const run = (...flags: readonly string[]) =>
			tsrun('run', '--rm', ...flags, '--entrypoint', '/bin/sh', name, '-c', 'echo out');
		const never = await run('--pull', 'never');
		expect([never.exitCode, never.stderr]).toEqual([125, expect.stringContaining(`no image "${name}" in the store`)]);
		const first = await run();
		expect([first.exitCode, first.stdout]).toEqual([0, 'out\n']);
		expect(first.stderr).toContain(`Unable to find image '${name}' in the store\nPulling from `);
		expect(first.stderr).toContain(`Status: Downloaded newer image for ${name}\n`);
		expect(await run()).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: '' });
		expect((await run('--pull', 'always')).stderr).toContain(`Status: Image is up to date for ${name}\n`);
		remove();
	});

	it('finds what a short name was pulled as, without asking again', async () => {
		const conf = at('short.conf');
		writeFileSync(
			conf,
			`unqualified-search-registries = ["${registry.host}"]\n[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`,
		);
		const cli = createCli();
		const run = () =>
			cli.tsrun(['run', '--rm', 'team/app:1', 'exit', '0'], { env: { CONTAINERS_REGISTRIES_CONF: conf } });
		expect((await run()).stderr).toContain('Status: Downloaded newer image');
		expect(await run()).toMatchObject({ exitCode: 0, stderr: '' });
		cli.sandbox.remove();
	});
});
