import { expect, it } from 'vitest';
import { LAYOUT_DOCUMENT, parseLayout } from '../../../src/oci/parse-layout.ts';

it('the marker of an image layout has version 1', () => {
	expect(() => parseLayout(Buffer.from(LAYOUT_DOCUMENT), 'oci-layout')).not.toThrow();
	expect(() => parseLayout(Buffer.from('{"imageLayoutVersion":"2.0.0"}'), 'oci-layout')).toThrow(
		'/imageLayoutVersion must be 1.0.0',
	);
	expect(() => parseLayout(Buffer.from('{}'), 'oci-layout')).toThrow('/imageLayoutVersion must be a string');
});
