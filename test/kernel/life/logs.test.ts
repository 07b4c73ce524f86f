import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { TSRUN } from '../support/run-tsrun.ts';
import { startTsrun } from '../support/start-tsrun.ts';
import { openBox, until } from './support.ts';

const { sandbox, tsrun, output, statusOf, shell: shellNamed } = openBox({ isAudited: false });
const shell = (script: string, ...flags: readonly string[]) => shellNamed('c1', script, ...flags);
const COUNT = 'i=0; while [ $i -lt N ]; do echo "line $i"; i=$((i+1)); done';
const count = (n: number): string => COUNT.replace('N', String(n));
const lines = (from: number, to: number): string =>
	Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');

describe('logs', () => {
	it('keeps stdout and stderr apart, and lines whole', async () => {
		await shell('printf "be"; sleep 0.2; echo gin; echo wrong >&2; printf "no end"');
		await output('wait', 'c1');
		expect(await tsrun(['logs', 'c1'])).toMatchObject({ exitCode: 0, stdout: 'begin\nno end', stderr: 'wrong\n' });
		expect((await tsrun(['logs', '--tail', '0', 'c1'])).stdout).toBe('');
		const stamped = await tsrun(['logs', '-t', 'c1']);
		expect(stamped.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{18}Z begin\n\d{4}-\S+Z no end$/);
	});

	it('writes bytes that are no text as they are', async () => {
		await shell(String.raw`printf '\001\377\000\r\n\200'`);
		await output('wait', 'c1');
		const { stdout } = await execa(TSRUN, ['logs', 'c1'], { env: sandbox.env, encoding: 'buffer' });
		expect([...stdout]).toEqual([1, 255, 0, 13, 10, 128]);
	});

	it('leaves out what was before --since and after --until', async () => {
		await shell('echo one; sleep 1.2; echo two; sleep 1.2; echo three');
		await output('wait', 'c1');
		const times = (await output('logs', '-t', 'c1')).split('\n').map(line => line.split(' ')[0] ?? '');
		expect(await output('logs', '--since', times[1] ?? '', 'c1')).toBe('two\nthree');
		expect(await output('logs', '--until', times[1] ?? '', 'c1')).toBe('one\ntwo');
		expect(await output('logs', '--since', times[1] ?? '', '--until', times[1] ?? '', 'c1')).toBe('two');
		expect(await output('logs', '--since', '1h', '--tail', '1', 'c1')).toBe('three');
	});

	it('-f goes on to the end of the container and loses nothing', async () => {
		await shell(`sleep 0.5; ${count(20_000)}`);
		expect((await tsrun(['logs', '-f', 'c1'])).stdout).toBe(lines(0, 20_000));
		expect(await statusOf('c1')).toMatchObject({ status: 'exited' });
	});

	it('-f may be read slowly: the container does not wait, and no line is lost', async () => {
		await shell(`${count(20_000)}; touch /done; sleep 100`);
		const follower = startTsrun(sandbox, ['logs', '-f', 'c1']);
		follower.child.stdout?.pause();
		await until(
			'the container is ready',
			async () => (await tsrun(['exec', 'c1', 'sh', '-c', 'test -e /done'])).exitCode === 0,
		);
		await output('stop', '-t', '0', 'c1');
		await sleep(200);
		follower.child.stdout?.resume();
		for (let line = 0; line < 20_000; line++) expect(await follower.nextLine()).toBe(`line ${line}`);
		expect(await follower.ended).toBe(0);
	});

	it('ends quietly when nobody reads it any more', async () => {
		await shell(count(20_000));
		await output('wait', 'c1');
		const { stdout, stderr } = await execa('sh', ['-c', `${TSRUN} logs c1 | head -n 1`], { env: sandbox.env });
		expect([stdout, stderr]).toEqual(['line 0', '']);
	});

	it.each<[readonly string[], number, string]>([
		[['nobody'], 125, 'no such container: nobody'],
		[['--tail', 'some', 'c1'], 125, '--tail "some" is not a number of lines'],
		[['--since', 'yesterday', 'c1'], 125, '--since "yesterday" is not a time'],
		[['c1'], 1, 'container c1 has no log'],
	])('%j fails with %i', async (words, exitCode, message) => {
		await shell('true', '--log-driver', 'none');
		await output('wait', 'c1');
		expect(await tsrun(['logs', ...words])).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
	});

	it('says of a container in the foreground where its output went', async () => {
		await output('run', '--name', 'c1', 'box', 'sh', '-c', 'echo x');
		const { exitCode, stderr } = await tsrun(['logs', 'c1']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('it ran in the foreground')]);
	});
});

describe('the files of a log', () => {
	it('are as many and as large as asked for, and hold the newest lines without a gap', async () => {
		const id = await shell(`${count(3000)}; sleep 1`, '--log-opt', 'max-size=20k', '--log-opt', 'max-file=3');
		await output('wait', 'c1');
		const directory = join(sandbox.root, 'containers', id);
		const files = readdirSync(directory).filter(name => name.startsWith('container.log'));
		expect(files.sort()).toEqual(['container.log', 'container.log.1', 'container.log.2']);
		for (const name of files) expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(20_480);
		const text = (await tsrun(['logs', 'c1'])).stdout;
		const first = Number(/^line (\d+)\n/.exec(text)?.[1]);
		expect(first).toBeGreaterThan(0);
		expect(text).toBe(lines(first, 3000));
	});

	it('is made again where somebody removed it', async () => {
		const id = await shell('echo one; while ! test -e /go; do sleep 0.05; done; echo two');
		await until('one is there', async () => (await output('logs', 'c1')) === 'one');
		rmSync(join(sandbox.root, 'containers', id, 'container.log'));
		await output('exec', 'c1', 'sh', '-c', 'touch /go');
		expect(await output('wait', 'c1')).toBe('0');
		expect(await output('logs', 'c1')).toBe('two');
	});

	it('on a full disk hold up the container until there is room, and nothing is lost', async () => {
		const script = `
			set -e
			mount -t tmpfs -o size=3m none "$TSRUN_ROOT/containers"
			run="$TSRUN run -d --name c1 box sh -c"
			$run '${count(100_000)}' >/dev/null
			for i in $(seq 100); do
				sleep 0.1
				cut -b 353 $TSRUN_STATE/*/progress 2>/dev/null | tr -d '\\n' | od -An -tu1 | grep -q 28 && break
			done
			$TSRUN ps --format json | grep -o '"State":"[a-z]*"'
			$TSRUN logs --tail 1 c1
			mount -o remount,size=64m "$TSRUN_ROOT/containers"
			$TSRUN wait c1
			$TSRUN logs c1 | md5sum
			$TSRUN rm c1
		`;
		const wrapped = await execa('unshare', ['-m', 'bash', '-c', script], {
			env: { ...sandbox.env, TSRUN },
			reject: false,
		});
		expect(wrapped.stderr).toContain('no space left on device');
		const [status, newest, exitCode, sum] = wrapped.stdout.split('\n');
		expect([status, exitCode]).toEqual(['"State":"running"', '0']);
		expect(newest).toMatch(/^line \d+$/);
		const expected = await execa('md5sum', [], { input: lines(0, 100_000) });
		expect(sum).toBe(expected.stdout);
	});

	it('keep the supervisor small however much is written', async () => {
		await shell('while :; do echo y; done', '--log-opt', 'max-size=1m', '--log-opt', 'max-file=2');
		await sleep(2000);
		const { pid } = (await statusOf('c1')) ?? {};
		const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
		const memory = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${parent}/status`, 'latin1'))?.[1];
		expect(Number(memory)).toBeLessThan(1024);
	});
});
