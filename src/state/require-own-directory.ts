import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TsrunError } from '../core/errors.ts';

const [GROUP_OR_OTHER_WRITE, STICKY] = [0o022, 0o1000];

/**
 * Plans are read back from the state directory and carried out: nobody else may be able to put one there, or to put another
 * directory in its place. Below /tmp the name could be taken before its owner came.
 * @throws TsrunError TSRUN_STATE
 */
export function requireOwnDirectory(path: string, uid: number): void {
	const fault = faultOf(path, uid, 0) ?? faultOf(dirname(path), uid, STICKY);
	if (fault === undefined) return;
	throw new TsrunError('TSRUN_STATE', `the state directory ${path} is not safe: ${fault}`, {
		hint: 'make it yours alone (chown, chmod 700), or choose another with --root',
	});
}

/** @param excuse a mode bit with which others may write, since they cannot replace what is not theirs */
function faultOf(path: string, uid: number, excuse: number): string | undefined {
	const { uid: owner, mode } = statSync(path);
	if (owner !== uid && owner !== 0) return `${path} belongs to user ${owner}`;
	const isWritable = (mode & GROUP_OR_OTHER_WRITE) !== 0 && (mode & excuse) === 0;
	return isWritable ? `others may write in ${path} (mode 0${(mode & 0o7777).toString(8)})` : undefined;
}
