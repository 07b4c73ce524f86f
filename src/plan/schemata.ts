/**
 * Whether each line asks for what a group has by now: `L3:0=f;1=ff`. The kernel writes hexadecimal numbers of its own width and a line
 * for each resource (Documentation/filesystems/resctrl.rst); of several lines for one resource the last counts.
 */
export function isSameSchemata(asked: readonly string[], found: string): boolean {
	const has = parse(found.split('\n'));
	return [...parse(asked)].every(([resource, value]) => has.get(resource) === value);
}

/** `L3:0` → the number as the kernel would compare it. */
function parse(lines: readonly string[]): ReadonlyMap<string, string> {
	const values = new Map<string, string>();
	for (const line of lines) {
		const [resource = '', domains = ''] = line.trim().split(':');
		for (const domain of domains.split(';').filter(part => part !== '')) {
			const [name = '', value = ''] = domain.split('=').map(part => part.trim());
			values.set(`${resource}:${name}`, value.toLowerCase().replace(/^0+(?=.)/, ''));
		}
	}
	return values;
}
