import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBox, until } from './support.ts';

const { sandbox, tsrun, output, statusOf } = openBox({ isAudited: false });
const create = (name: string, script: string, ...flags: readonly string[]) =>
	output('create', '--name', name, ...flags, 'box', 'sh', '-c', script);

describe('create', () => {
	it('makes a container without a process, which start runs', async () => {
		const file = join(sandbox.dir, 'cid');
		const id = await create('c1', 'cat /given; exit 4', '--cidfile', file, '-m', '32m');
		expect(readFileSync(file, 'utf8')).toBe(id);
		expect(await output('ps', '-q')).toBe('');
		expect(await output('ps', '-a', '--format', '{{.Names}} {{.Status}} {{.State}}')).toBe('c1 Created created');
		expect(JSON.parse(await output('inspect', '--format', '{{json .State}}', 'c1'))).toMatchObject({
			Status: 'created',
			Running: false,
			Pid: 0,
			StartedAt: '0001-01-01T00:00:00Z',
		});
		expect([await output('logs', 'c1'), await output('wait', 'c1')]).toEqual(['', '0']);
		expect((await tsrun(['exec', 'c1', 'true'])).stderr).toContain('container c1 is not running');

		writeFileSync(join(sandbox.dir, 'given'), 'given before the start\n');
		await output('cp', join(sandbox.dir, 'given'), 'c1:/given');
		expect(await output('start', 'c1')).toBe('c1');
		expect(await output('wait', 'c1')).toBe('4');
		expect(await output('logs', 'c1')).toBe('given before the start');
		rmSync(file);
	});

	it('is removed unstarted, with all that was made', async () => {
		const id = await create('c1', 'true', '-v', '/data');
		expect(existsSync(join(sandbox.root, 'containers', id))).toBe(true);
		expect(await output('rm', '-v', 'c1')).toBe('c1');
		expect(await statusOf('c1')).toBeUndefined();
	});

	it('with --rm is gone after its run', async () => {
		await create('c1', 'true', '--rm');
		await output('start', 'c1');
		await until('c1 is gone', async () => (await statusOf('c1')) === undefined);
		expect(readdirSync(join(sandbox.root, 'containers'))).toEqual([]);
	});

	it('takes its name at once', async () => {
		await create('c1', 'sleep 100');
		expect((await tsrun(['create', '--name', 'c1', 'box', 'true'])).stderr).toContain('name "c1" is already in use');
	});

	it('is created still when the state of containers was lost', async () => {
		await create('c1', 'exit 3');
		rmSync(sandbox.state, { recursive: true });
		expect(await statusOf('c1')).toMatchObject({ status: 'created' });
		await output('start', 'c1');
		expect(await output('wait', 'c1')).toBe('3');
	});

	it('has no process that start --all would bring back', async () => {
		await create('c1', 'sleep 100', '--restart', 'always');
		await output('start', '--all');
		expect(await statusOf('c1')).toMatchObject({ status: 'created' });
	});
});
