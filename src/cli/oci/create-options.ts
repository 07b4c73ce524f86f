import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import type { Life } from '../../plan/container-input.ts';
import type { CreateOptions } from '../../runtime/oci/prepare-bundle.ts';

/** The flags that `create`, `run` of a bundle and `restore` share. */
export function addBundleOptions(command: Command): Command {
	return command
		.option('-b, --bundle <dir>', 'directory of the bundle (default: the current one)')
		.option('--console-socket <path>', 'unix socket that gets the master of the terminal')
		.option('--pid-file <file>', 'file for the pid of the first process')
		.option('--no-pivot', 'chroot instead of pivot_root, for a root that cannot be pivoted');
}

/** The flags that `create` and `run` of a bundle share. */
export function addCreateOptions(command: Command): Command {
	return addBundleOptions(command)
		.option('--pidfd-socket <path>', 'unix socket that gets a pidfd of the first process')
		.option('--no-new-keyring', 'keep the session keyring of the caller')
		.option('--preserve-fds <n>', 'pass on this many descriptors from 3 on', '0');
}

/** Paths count from the current directory. @throws TsrunError TSRUN_BAD_FLAG */
export function readCreateOptions(
	command: Command,
	life: Life['kind'],
): { readonly bundle: string; readonly options: CreateOptions } {
	const flags = command.opts<{
		bundle?: string;
		consoleSocket?: string;
		pidfdSocket?: string;
		pidFile?: string;
		pivot: boolean;
		newKeyring?: boolean;
		preserveFds?: string;
		keep?: boolean;
	}>();
	return {
		bundle: resolve(flags.bundle ?? '.'),
		options: {
			life,
			...pathOf('consoleSocket', flags.consoleSocket),
			...pathOf('pidfdSocket', flags.pidfdSocket),
			...pathOf('pidFile', flags.pidFile),
			noPivot: !flags.pivot,
			newKeyring: flags.newKeyring ?? true,
			preserveFds: readPreserveFds(flags.preserveFds ?? '0'),
			keep: flags.keep ?? false,
			systemdCgroup: command.optsWithGlobals<{ systemdCgroup?: boolean }>().systemdCgroup ?? false,
		},
	};
}

function pathOf<K extends string>(key: K, path: string | undefined): { readonly [P in K]?: string } {
	return (path === undefined || path === '' ? {} : { [key]: resolve(path) }) as { readonly [P in K]?: string };
}

/** With what systemd's socket activation passes on (sd_listen_fds(3)). */
export function readPreserveFds(text: string): number {
	if (!/^\d{1,4}$/.test(text)) {
		throw new TsrunError('TSRUN_BAD_FLAG', `--preserve-fds ${JSON.stringify(text)}: expected a number`);
	}
	const listening = process.env.LISTEN_FDS;
	return Number(text) + (listening !== undefined && /^\d{1,3}$/.test(listening) ? Number(listening) : 0);
}
