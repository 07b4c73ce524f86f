import { TsrunError } from '../../core/errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { downloadBlob } from './download-blob.ts';
import type { Session } from './session.ts';

/** Opens a session with a further place that may have the same blobs; undefined when nobody wants them any more. */
export type NextPlace = () => Promise<Session> | undefined;

/**
 * The bytes of a blob from the first place that has them. Where one gives up in the middle, as a mirror may, the next goes on from there.
 * @throws TsrunError
 */
export async function* downloadFromAny(
	session: Session,
	others: readonly NextPlace[],
	blob: Descriptor,
): AsyncGenerator<Uint8Array> {
	const failures: TsrunError[] = [];
	let received = 0;
	for (const open of [() => Promise.resolve(session), ...others]) {
		const place = open();
		if (place === undefined) break;
		try {
			for await (const chunk of downloadBlob(await place, blob, received)) {
				received += chunk.length;
				yield chunk;
			}
			return;
		} catch (error) {
			if (!(error instanceof TsrunError)) throw error;
			failures.push(error);
		}
	}
	const [first] = failures;
	if (first === undefined || failures.length === 1) throw first;
	const last = failures.at(-1) ?? first;
	throw new TsrunError(last.code, failures.map(({ message }) => message).join('; '), { cause: last });
}
