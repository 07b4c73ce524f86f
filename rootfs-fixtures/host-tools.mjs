import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readElf } from './elf.mjs';

const TOOLS =
	'sh basename cat chmod chown cp cut date dd df dirname du echo env expr false grep head hostname id kill ln ls mkdir mknod mktemp mount mv nproc printf ps pwd readlink rm rmdir sed seq sleep sort stat sync tail tee test touch tr true tty umount uname uniq wc whoami yes';
const TOOL_FOLDERS = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const LIBRARY_FOLDERS = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'];

const findIn = (folders, name) => folders.map(folder => join(folder, name)).find(path => existsSync(path));

/**
 * The commands of the image, as tar entries: of a static busybox where the host has one, else of the host's own shell and
 * core tools with the libraries that they load.
 * @param {'busybox' | 'host' | undefined} from forces one of the two
 */
export function toolEntries(from) {
	const busybox = findIn(TOOL_FOLDERS, 'busybox');
	const isStatic = busybox !== undefined && readElf(busybox)?.interpreter === undefined;
	if (from === 'busybox' && !isStatic) throw new Error('no static busybox in PATH (Debian: busybox-static)');
	return isStatic && from !== 'host' ? busyboxEntries(busybox) : hostEntries();
}

function busyboxEntries(busybox) {
	const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean).toSorted();
	return [
		{ name: 'bin/busybox', mode: 0o755, data: readFileSync(busybox) },
		...applets.filter(name => name !== 'busybox').map(name => ({ name: `bin/${name}`, linkname: 'busybox' })),
	];
}

/** Commands that are one file on the host are one file here, under its own name, and links to it. */
function hostEntries() {
	const entries = new Map();
	for (const tool of TOOLS.split(' ')) {
		const found = findIn(TOOL_FOLDERS, tool);
		const real = found && realpathSync(found);
		if (real === undefined || readElf(real) === undefined) continue;
		const file = `bin/${basename(real)}`;
		entries.set(file, { name: file, mode: 0o755, data: readFileSync(real) });
		if (file !== `bin/${tool}`) entries.set(`bin/${tool}`, { name: `bin/${tool}`, linkname: basename(real) });
		for (const library of librariesOf(real)) {
			const name = library.slice(1);
			entries.set(name, { name, mode: 0o755, data: readFileSync(library) });
		}
	}
	if (!entries.has('bin/sh')) throw new Error('no sh in PATH that is an ELF program');
	return withParents([...entries.values()]);
}

/** The loader and the libraries of a program, each under the path that the loader will try. */
function librariesOf(program) {
	const { interpreter } = readElf(program);
	const known = new Map(interpreter === undefined ? [] : [[basename(interpreter), interpreter]]);
	const visit = file => {
		const { needed, runpath } = readElf(file);
		const own = runpath.map(folder => folder.replace(/\$\{?ORIGIN\}?/, dirname(file)));
		for (const name of needed.filter(library => !known.has(library))) {
			const path = findIn([...own, ...libraryFolders()], name);
			if (path === undefined) throw new Error(`${file} needs ${name}, which is in no library folder`);
			known.set(name, path);
			visit(path);
		}
	};
	visit(program);
	return [...known.values()];
}

/** Debian keeps libraries one folder deeper, by machine: `/lib/x86_64-linux-gnu`. */
function libraryFolders() {
	return LIBRARY_FOLDERS.filter(folder => existsSync(folder)).flatMap(folder => [
		...readdirSync(folder)
			.filter(name => name.includes('-linux-'))
			.map(name => join(folder, name)),
		folder,
	]);
}

function withParents(entries) {
	const folders = new Set();
	for (const { name } of entries) {
		for (let folder = dirname(name); folder !== '.'; folder = dirname(folder)) folders.add(`${folder}/`);
	}
	folders.delete('bin/');
	return [...[...folders].toSorted().map(name => ({ name, mode: 0o755 })), ...entries];
}
