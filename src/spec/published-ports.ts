import { parseExpose } from './parse-publish.ts';
import type { PortRequest, RunOptions } from './run-options.ts';

/**
 * The ports that `--publish` asks for, and with `--publish-all` each one that is exposed besides, at a port that the kernel chooses.
 * @param exposed of the image
 */
export function publishedPorts(
	{ expose, publish, publishAll }: Pick<RunOptions, 'expose' | 'publish' | 'publishAll'>,
	exposed: readonly string[],
): readonly PortRequest[] {
	if (!publishAll) return publish;
	const all = [...exposed.flatMap(parseExpose), ...expose];
	const isPublished = (port: number, protocol: string): boolean =>
		publish.some(each => each.port === port && each.protocol === protocol);
	const others = all
		.filter(({ port, protocol }, index) => {
			const first = all.findIndex(each => each.port === port && each.protocol === protocol);
			return first === index && !isPublished(port, protocol);
		})
		.map(each => ({ ...each, hostPorts: { first: 0, last: 0 } }));
	return [...publish, ...others];
}
