import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { createCli } from './support.ts';

const names = COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
/** The flags that docker and runc themselves name by their negative. */
const NEGATIVE_FLAGS = ['pivot', 'trunc', 'stream', 'new-keyring', 'new-privs', 'subreaper', 'stdin', 'healthcheck'];
const { sandbox, tsrun, output, refusal } = createCli();
afterAll(() => sandbox.remove());

describe('help', () => {
	it('lists every command but those that are not for people', async () => {
		const text = await output(['--help']);
		expect([...text.matchAll(/^ {2}([a-z]+)(?: \[command\])? {2,}\S/gm)].map(match => match[1])).toEqual([
			...names,
			'help',
		]);
		expect(text).not.toMatch(/report-failure/);
		expect(await output(['-h'])).toBe(text);
	});

	it('is printed where no command is given, without being an error', async () => {
		const { exitCode, stdout, stderr } = await tsrun([]);
		expect([exitCode, stdout, stderr]).toEqual([0, '', await output(['--help'])]);
	});

	it.each(names)('tells what %s takes', async command => {
		const text = await output([command, '--help']);
		expect(text).toMatch(new RegExp(`^Usage: tsrun ${command} `));
		expect(await output(['help', command])).toBe(text);
		// the negative of a switch is there for --switch=false only
		const negatives = [...text.matchAll(/^ {2,}--no-([a-z-]+)/gm)].map(match => match[1] ?? '');
		expect(negatives.filter(name => !NEGATIVE_FLAGS.includes(name))).toEqual([]);
	});

	it('of run shows each flag of docker that it has, once', async () => {
		const text = await output(['run', '--help']);
		const flags = [...text.matchAll(/^ {2,}(?:-[a-z], )?(--[a-z0-9-]+)/gm)].map(match => match[1]);
		expect(new Set(flags).size).toBe(flags.length);
		const issue =
			'--name --rm --interactive --tty --env --env-file --workdir --user --group-add --volume --mount --tmpfs --read-only --hostname --domainname --add-host --dns --entrypoint --label --init --privileged --cap-add --cap-drop --security-opt --device --sysctl --ulimit --shm-size --pid --ipc --uts --network --userns --cgroup-parent --memory --memory-swap --memory-reservation --cpus --cpu-shares --cpuset-cpus --cpuset-mems --pids-limit --blkio-weight --oom-score-adj --stop-signal --cidfile --platform --pull --no-pivot';
		expect(issue.split(' ').filter(flag => !flags.includes(flag))).toEqual([]);
	});
});

describe('words that are no command', () => {
	it.each([
		[['frob'], "tsrun: unknown command 'frob'\n  hint: see tsrun --help\n"],
		[['imags'], "tsrun: unknown command 'imags'\n  hint: did you mean image, images; see tsrun --help\n"],
		[['image', 'frob'], "tsrun: image: unknown command 'frob'\n  hint: see tsrun image --help\n"],
		[['--frob', 'ps'], "tsrun: ps: unknown option '--frob'\n  hint: see tsrun ps --help\n"],
		[
			['images', 'x', 'y'],
			"tsrun: images: too many arguments for 'images'. Expected 1 argument but got 2\n  hint: see tsrun images --help\n",
		],
		[
			['save', '--format', 'xml', 'x'],
			"tsrun: save: option '--format <format>' argument 'xml' is invalid\n  hint: there are docker-archive, oci-archive, oci-dir; see tsrun save --help\n",
		],
		[['rm'], "tsrun: rm: missing required argument 'container'\n  hint: see tsrun rm --help\n"],
	])('%j', async (words, message) => {
		expect(await refusal(words)).toEqual([message, 125]);
	});
});
