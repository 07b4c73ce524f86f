// The end of the text that becomes the executable (build-executable.mjs). Before it stands `embedded`: for each file of dist/, a function
// that runs it. The addon, tsrun-init and the worker of the library are files beside the executable.

/** Not by `require`, which makes ready first for all that it could be asked for: 2 ms. */
const builtin = id => process.getBuiltinModule(id);

/** Where the executable is, whatever link led to it. */
const dist = process.execPath.slice(0, process.execPath.lastIndexOf('/'));
process.argv[0] = process.execPath;
process.argv[1] = calledPath();

/** As Node has it of a script: the path by which this was called, a link if it was one. */
function calledPath() {
	const called = process.argv0;
	if (called.startsWith('/')) return called;
	const folders = called.includes('/') ? [workingDirectory()] : (process.env.PATH ?? '').split(':');
	return folders.map(folder => `${folder}/${called}`).find(leadsHere) ?? process.execPath;
}

function workingDirectory() {
	try {
		return process.cwd();
	} catch {
		return '';
	}
}

function leadsHere(path) {
	try {
		return path.startsWith('/') && builtin('node:fs').realpathSync(path) === process.execPath;
	} catch {
		return false;
	}
}

const loaded = new Map();

/** Of the build's own files, by a path below dist/; nothing is looked for anywhere else. */
function load(name) {
	const known = loaded.get(name);
	if (known !== undefined) return known.exports;
	const module = { exports: {}, loaded: false };
	loaded.set(name, module);
	const path = `${dist}/${name}`;
	const main = embedded[name];
	const folder = name.includes('/') ? 'chunks/' : '';
	const requireFrom = id => (id.startsWith('.') ? load(resolve(folder, id)) : builtin(id));
	main.call(module.exports, module.exports, requireFrom, module, path, path.slice(0, path.lastIndexOf('/')));
	return module.exports;
}

/** `./chunks/x.js` of the command line, `./x.js` and `../cli.js` of a chunk. */
function resolve(folder, id) {
	if (id.startsWith('../')) return id.slice(3);
	return folder + id.slice(2);
}

load('cli.js');
