import type { Process } from '../../oci/runtime-spec.ts';
import { readFileInLayers } from '../../rootfs/lookup.ts';
import { uniqueEnvironment } from '../../spec/unique-environment.ts';

const MAX_PASSWD = 1 << 20;

/**
 * The process with its environment as runc has it: each variable once, and HOME, where the configuration names none, from the
 * user's line in the container's own passwd.
 * @param root directory that is the container's root; its links lead nowhere else
 */
export function withHome(process: Process, root: string): Process {
	const env = uniqueEnvironment(process.env ?? []);
	if (env.some(entry => entry.startsWith('HOME=') && entry !== 'HOME=')) return { ...process, env };
	const others = env.filter(entry => entry !== 'HOME=');
	return { ...process, env: [...others, `HOME=${homeOf(process.user.uid, root)}`] };
}

function homeOf(uid: number, root: string): string {
	const line = passwdOf(root)
		.split('\n')
		.map(each => each.split(':'))
		.find(fields => /^\d+$/.test(fields[2] ?? '') && Number(fields[2]) === uid);
	return line?.[5] || '/';
}

/** One that is not there, or is no file, or is too long, names nobody (CVE-2024-9676). */
function passwdOf(root: string): string {
	try {
		return readFileInLayers([root], '/etc/passwd', MAX_PASSWD)?.toString('utf8') ?? '';
	} catch {
		return '';
	}
}
