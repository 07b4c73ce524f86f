import type { Digest } from '../core/brands.ts';
import { parseDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { Descriptor, Platform } from './image-spec.ts';
import {
	asCount,
	asString,
	badField,
	type JsonField,
	property,
	required,
	stringAt,
	stringMapAt,
} from './json-field.ts';

/** image-spec 1.1, descriptor.md. `urls` and `data` are not read: content comes from where the image comes from. */
export function parseDescriptor(field: JsonField): Descriptor {
	const annotations = stringMapAt(field, 'annotations');
	const platform = property(field, 'platform');
	const artifactType = stringAt(field, 'artifactType');
	return {
		mediaType: stringAt(field, 'mediaType'),
		digest: digestOf(required(field, 'digest')),
		size: asCount(required(field, 'size')),
		...(annotations === undefined ? {} : { annotations }),
		...(platform === undefined ? {} : { platform: parsePlatformField(platform) }),
		...(artifactType === '' ? {} : { artifactType }),
	};
}

/** A digest in a document (CVE-2024-3727: checked before any use of it in a path). */
export function digestOf(field: JsonField): Digest {
	const text = asString(field);
	try {
		return parseDigest(text);
	} catch (error) {
		if (error instanceof TsrunError) throw badField(field, `a digest, not ${JSON.stringify(text.slice(0, 100))}`);
		throw error;
	}
}

function parsePlatformField(field: JsonField): Platform {
	const variant = stringAt(field, 'variant');
	return {
		os: asString(required(field, 'os')),
		architecture: asString(required(field, 'architecture')),
		...(variant === '' ? {} : { variant }),
	};
}
