// What of Bun cannot be switched off, and a runtime cannot have, is taken out of the engine of the executable. What is not found is left
// as it is: build-executable.mjs tries the executable, and takes none that still does these things.

/** @param engine the program of the package, changed in place */
export function adaptEngine(engine) {
	renameSettings(engine);
	startAnywhere(engine);
	return engine;
}

/**
 * Bun takes orders from the environment, of which BUN_OPTIONS runs code and BUN_BE_BUN makes of every executable another program.
 * They get other names, which nobody sets by chance.
 */
function renameSettings(engine) {
	for (const at of places(engine, Buffer.from('BUN_'))) engine.write('$', at, 'latin1');
	// BUN_JSC_ is compared byte by byte: cmp byte [r14], 'B'; jne; cmp byte [r14 + 1], 'U'; …
	for (const at of places(engine, Buffer.from('41803e42', 'hex'))) {
		if (engine.toString('hex', at + 6, at + 11) === '41807e0155') engine.write('$', at + 3, 'latin1');
	}
}

/**
 * Bun does not start in a directory that was removed. Where it asks for the working directory, `/` stands in the buffer beforehand and is
 * the answer if there is none. What the program asks for itself is not changed by that.
 */
function startAnywhere(engine) {
	// mov r12, rax; mov esi, 4096; mov rdi, rax; call getcwd; test rax, rax; je …; mov rdi, rax
	const [before, test, after] = ['4989c4be001000004889c7e8', '4885c00f84', '4889c7'];
	for (const at of places(engine, Buffer.from(before, 'hex'))) {
		if (engine.toString('hex', at + 16, at + 21) !== test || engine.toString('hex', at + 25, at + 28) !== after)
			continue;
		const call = engine.readInt32LE(at + 12);
		// mov r12, rax; mov word [rax], '/'; mov esi, 4096; mov rdi, rax; call getcwd; mov rdi, r12; nop
		engine.write('4989c466c7002f00be001000004889c7e8000000004c89e70f1f4000', at, 'hex');
		engine.writeInt32LE(call - 5, at + 17);
	}
}

function places(engine, bytes) {
	const found = [];
	for (let at = engine.indexOf(bytes); at >= 0; at = engine.indexOf(bytes, at + 1)) found.push(at);
	return found;
}
