import { asString, badField, parseDocument, required } from './json-field.ts';

/** The content of the `oci-layout` file that marks an image layout (image-spec 1.1, image-layout.md). */
export const LAYOUT_DOCUMENT = '{"imageLayoutVersion":"1.0.0"}';

/** Checks an `oci-layout` file. @throws TsrunError TSRUN_BAD_IMAGE */
export function parseLayout(bytes: Uint8Array, document: string): void {
	const version = required(parseDocument(bytes, document), 'imageLayoutVersion');
	if (!asString(version).startsWith('1.')) throw badField(version, '1.0.0');
}
