import { AT_RECURSIVE, ERRNO, INSIDE_PROC, MS } from '../../plan/linux-constants.ts';
import type { StepOf } from '../../plan/step.ts';
import { type Commands, lines } from './commands.ts';
import { octal, tolerates } from './file-commands.ts';
import { attributeOptions, mountCommand, mountOptions, propagationName } from './mount-words.ts';
import { shellWord } from './shell-word.ts';

type RootStep = StepOf<
	| 'openRoot'
	| 'openSource'
	| 'mkdirInRoot'
	| 'createInRoot'
	| 'mknodInRoot'
	| 'symlinkInRoot'
	| 'replaceLinkInRoot'
	| 'mountInRoot'
	| 'tmpfsInRoot'
	| 'mountSetattr'
	| 'maskInRoot'
	| 'readonlyInRoot'
>;

const THERE = '"$there"';
const RESOLVE_NO_SYMLINKS = 4;
const PERMISSION_BITS = 0o7777;
const [S_IFMT, S_IFBLK, S_IFIFO] = [0o170000, 0o060000, 0o010000];

/** Steps below the root file system of the container. */
export function rootCommands(step: RootStep): Commands {
	switch (step.op) {
		case 'openRoot':
			return lines(`root=${shellWord(step.path)}`);
		case 'openSource':
			return sourceCommands(step);
		case 'mkdirInRoot':
			return lines(`make_directory ${octal(step.mode)} ${shellWord(step.path)}`);
		case 'createInRoot':
			return lines(`make_file ${octal(step.mode)} ${shellWord(step.path)}`);
		case 'mknodInRoot':
			return nodeCommands(step);
		case 'symlinkInRoot':
			return lines(
				`make_link ${shellWord(step.target)} ${shellWord(step.path)}${tolerates(step, ERRNO.EEXIST) ? '' : ' new'}`,
			);
		case 'replaceLinkInRoot':
			return lines(`beside ${shellWord(step.path)}`, `ln -s -f -n -T -- ${shellWord(step.target)} ${THERE}`);
		case 'mountInRoot':
			return mountCommands(step);
		case 'tmpfsInRoot':
			return tmpfsCommands(step);
		case 'mountSetattr':
			return attributeCommands(step);
		case 'maskInRoot':
			return lines(`mask ${shellWord(step.path)}`);
		case 'readonlyInRoot':
			return lines(`read_only ${shellWord(step.path)}`);
	}
}

const inside = (path: string): string => `inside ${shellWord(path)}`;

function sourceCommands({ fd, path, inside: part }: StepOf<'openSource'>): Commands {
	if (part === '') return lines(`source_${fd}=${shellWord(path)}`);
	return lines(`below ${shellWord(path)} ${shellWord(part)}`, `source_${fd}=$there`);
}

/** What `openSource` holds has its name in a variable. */
function sourceWord(source: string): string {
	const held = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/s.exec(source);
	if (held === null) return shellWord(source);
	return held[2] === undefined ? `"$source_${held[1]}"` : `"$source_${held[1]}"${shellWord(held[2])}`;
}

function mountCommands({ source, target, type, flags, data, resolve }: StepOf<'mountInRoot'>): Commands {
	const isStrict = (Number(resolve) & RESOLVE_NO_SYMLINKS) !== 0;
	const isNew = (Number(flags) & MS.REMOUNT) === 0 && propagationName(Number(flags)) === undefined;
	// a link of the image may lead into /proc, which must not be covered
	const find = isStrict ? 'without_links' : isNew && Number(resolve) < INSIDE_PROC ? 'outside_proc' : 'inside';
	const call = mountCommand({ source: sourceWord(source), target: THERE, type, flags, data });
	return lines(`${find} ${shellWord(target)}`, call);
}

function tmpfsCommands({ source, target, flags, data, copy }: StepOf<'tmpfsInRoot'>): Commands {
	const options = [...mountOptions(Number(flags)), ...(data === '' ? [] : [data])].join(',');
	const mount = `tmpfs ${shellWord(target)} ${shellWord(source)} ${shellWord(options)}`;
	if (Number(copy) === 0) return lines(mount);
	return lines(
		inside(target),
		`mkdir -p -- ${THERE} "$run/below"`,
		`mount --bind ${THERE} "$run/below"`,
		mount,
		`cp -a -- "$run/below/." ${THERE}`,
		'umount "$run/below"',
	);
}

function attributeCommands({ target, set, clear, propagation, atFlags }: StepOf<'mountSetattr'>): Commands {
	const isRecursive = (Number(atFlags) & AT_RECURSIVE) !== 0;
	const name = propagationName(Number(propagation));
	const options = attributeOptions(Number(set), Number(clear)).join(',');
	return lines(
		inside(target),
		...(options === '' ? [] : [`change_mount ${THERE} ${options}${isRecursive ? ' recursive' : ''}`]),
		...(name === undefined ? [] : [`mount --make-${isRecursive ? 'r' : ''}${name} ${THERE}`]),
	);
}

function nodeCommands({ path, mode, device, uid, gid }: StepOf<'mknodInRoot'>): Commands {
	const number = BigInt(device);
	const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n);
	const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n);
	const type = Number(mode) & S_IFMT;
	const kind = type === S_IFBLK ? 'b' : type === S_IFIFO ? 'p' : 'c';
	const permissions = octal(Number(mode) & PERMISSION_BITS);
	const numbers = kind === 'p' ? '' : ` ${major} ${minor}`;
	const owner = Number(uid) === 0 && Number(gid) === 0 ? [] : [`chown ${uid}:${gid} -- ${THERE}`];
	return lines(`make_node ${permissions} ${shellWord(path)} ${kind}${numbers}`, ...owner);
}
