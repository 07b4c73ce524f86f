import type { Step } from '../step.ts';

/**
 * The steps that end and remove a container's cgroup, each held back until setup has come past the step that found its directory
 * empty: where somebody lives there, setup stops, and they live on. A scope is the container's where setup has begun at all, since
 * systemd gives no name twice.
 */
export function onlyOwn(teardown: readonly Step[], setup: readonly Step[], inScope = false): readonly Step[] {
	const claim = inScope ? 'mkdir' : 'requireEmptyCgroup';
	return teardown.map(step => {
		const look = setup.findIndex(each => each.op === claim && 'path' in step && isWithin(step.path, each.path));
		return look < 0 ? step : { ...step, after: look + 1 };
	});
}

const isWithin = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);
