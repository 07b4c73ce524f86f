import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { checkSpec } from './check-spec.ts';
import { SPEC_SHAPE } from './validate/spec-shape.ts';

/**
 * Reads a parsed config.json: types first, then the rules of {@link checkSpec}. The result holds the known fields only.
 * @throws TsrunError TSRUN_BAD_CONFIG with the JSON pointer of the field
 */
export function validateSpec(config: unknown): RuntimeSpec {
	const spec = SPEC_SHAPE(config, '');
	checkSpec(spec);
	return spec;
}
