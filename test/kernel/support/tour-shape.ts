/** What a line of the tour is, whatever the host and the moment: identifiers, times and the number of steps are others in each run. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
	[/^── before (\w+) \d+ of \d+, (\w+) ─+$/, 'stop before $1, $2'],
	[/^(done|next|then) {2}\w+ \d+ \w+\(.*/, '$1'],
	[/^ +host, supervisor \d+ +(container, init \d+|no container .*)$/, 'both sides'],
	[/^[* ] (namespaces|hostname|root|mounts|ids|capabilities|seccomp|cgroup|processes|network) .*/, 'row $1'],
	[/^(setup|init|teardown) {2}\D.*/, 'list $1'],
	[/^ {2}[a-z]+$/, 'phase'],
	[/^ {2} +\d+ {2}\w+\(.*/, 'call'],
	[/^ {2}[-+] \w+\(.*/, 'other call'],
	[/^ {4}… \d+ steps? of both$/, 'steps of both'],
	[/^ +[\d.]+ {2}(\w+), \d+ steps?$/, 'sum of $1'],
	[/^ +[\d.]+ +\(?[\d.]+\)? +(setup|init|teardown) \d+ \w+\(.*/, 'timed call'],
	[/^ {6,}\S.*/, 'note'],
	[/^#.*/, 'comment'],
	[/^\d+[-:]\t.*/, 'line of the script'],
];

/** Of a line: what it is, or its text without its numbers. */
function shapeOf(line: string): string {
	const [pattern, shape] = SHAPES.find(([each]) => each.test(line)) ?? [];
	if (pattern !== undefined && shape !== undefined) return line.replace(pattern, shape);
	return line
		.replaceAll(/[0-9a-f]{64}/g, 'id')
		.replaceAll(/\d+/g, '0')
		.replaceAll(/ +/g, ' ');
}

/** What each command of docs/tour.md prints: the shapes of its lines, each once. */
export function tourShapes(document: string): ReadonlyMap<string, ReadonlySet<string>> {
	const blocks = [...document.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
	const commands = blocks.flatMap(text => text.split(/^(?=\$ )/m));
	return new Map(
		commands.map(text => {
			const [command = ''] = /^\$ .*\n(?:> .*\n)*/.exec(text) ?? [];
			return [command, new Set(text.slice(command.length).split('\n').filter(Boolean).map(shapeOf))];
		}),
	);
}
