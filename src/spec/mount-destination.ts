import { normalPath } from '../core/paths.ts';
import { badFlag } from './bad-flag.ts';

/**
 * The place of a mount in the container, absolute and without `.`, `..` and doubled slashes.
 * @throws TsrunError TSRUN_BAD_FLAG when it is relative or the root itself
 */
export function mountDestination(flag: string, path: string, whole: string): string {
	const example =
		flag === '--mount'
			? '--mount type=bind,src=/srv,dst=/data'
			: `${flag} ${flag === '--tmpfs' ? '/run' : '/srv:/data'}`;
	if (!path.startsWith('/')) {
		throw badFlag(flag, whole, { problem: `has a destination that is not absolute, ${JSON.stringify(path)}`, example });
	}
	const clean = normalPath(path);
	if (clean === '/') throw badFlag(flag, whole, { problem: 'would cover the root of the container', example });
	return clean;
}
