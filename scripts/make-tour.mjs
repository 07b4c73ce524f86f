// make-tour.mjs [--print]: runs the commands of docs/tour.md, and writes what they print below each of them. Needs root, and a build.
//
// A block ```console has commands behind `$ `, their further lines behind `> `, and what they have printed. The commands run one after the
// other in namespaces of their own: an empty store with the image hello in it, no network but loopback, few processes. The cgroup
// hierarchies are those of the host, but for memory where this process is in a cgroup of somebody else there. Nothing is left.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const TOP = resolve(import.meta.dirname, '..');
const FILE = join(TOP, 'docs/tour.md');
const PLACES = ['/var/lib/tsrun', '/run/tsrun'];
const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

if (process.env.TSRUN_TOUR === undefined) {
	const scratch = mkdtempSync(join(tmpdir(), 'tsrun-tour-'));
	for (const place of PLACES) mkdirSync(place, { recursive: true, mode: 0o700 });
	const namespaces = ['--mount', '--propagation', 'private', '--uts', '--net', '--pid', '--fork', '--mount-proc'];
	const words = [...namespaces, '--', process.execPath, import.meta.filename];
	const env = { ...process.env, TSRUN_TOUR: scratch };
	const { status, stdout } = spawnSync('unshare', words, {
		env,
		stdio: ['ignore', 'pipe', 'inherit'],
		encoding: 'utf8',
	});
	rmSync(scratch, { recursive: true });
	if (status !== 0) process.exit(1);
	if (process.argv[2] === '--print') process.stdout.write(stdout);
	else writeFileSync(FILE, stdout);
} else {
	isolate(process.env.TSRUN_TOUR);
	process.stdout.write(readFileSync(FILE, 'utf8').replace(BLOCK, (_, text) => block(text)));
}

function isolate(scratch) {
	for (const [index, place] of PLACES.entries()) {
		mkdirSync(join(scratch, String(index)), { mode: 0o700 });
		execFileSync('mount', ['--bind', join(scratch, String(index)), place]);
	}
	const memory = '/sys/fs/cgroup/memory';
	const isForeign = /^\d+:memory:\/./m.test(readFileSync('/proc/self/cgroup', 'utf8'));
	if (isForeign) execFileSync('umount', [memory]);
	execFileSync('hostname', ['laptop']);
	execFileSync('ip', ['link', 'set', 'lo', 'up']);
	shell(`tsrun load --quiet 'oci:${join(TOP, 'dist/images/hello')}' && tsrun run --rm hello true`);
}

/** Every command of a block with what it prints now. */
function block(text) {
	const commands = text.match(/^\$ .*\n(?:^> .*\n)*/gm) ?? [];
	const parts = commands.map(command => `${command}${shell(command.replaceAll(/^[$>] /gm, ''))}`);
	return `\`\`\`console\n${parts.join('')}\`\`\``;
}

function shell(command) {
	const { PATH, LANG = 'C.UTF-8' } = process.env;
	const { stdout, error } = spawnSync('bash', ['-c', `exec 2>&1\n${command}`], {
		cwd: '/',
		env: { PATH: `${join(TOP, 'dist')}:${PATH}`, LANG, HOME: '/root', TSRUN_NETWORK: 'none' },
		stdio: ['ignore', 'pipe', 'inherit'],
		encoding: 'utf8',
		timeout: 600_000,
	});
	if (error !== undefined) throw error;
	return stdout.replaceAll(/[ \t]+$/gm, '').replace(/([^\n])$/, '$1\n');
}
