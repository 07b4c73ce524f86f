/** The engine that this runs on and its version: as an executable, which has one inside, or as a script of Node. */
export function engine(): string {
	const { bun, node } = process.versions;
	return bun === undefined ? `node ${node}` : `bun ${bun}`;
}

/** The words that begin this program again, under the name by which it was called. An executable has its path where a script has its own. */
export function thisProgram(): readonly string[] {
	const [program = '', called = ''] = process.argv;
	return process.versions.bun === undefined ? [program, called] : [called];
}
