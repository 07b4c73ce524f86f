import type { ImageConfig, ImageExecution } from './image-spec.ts';
import {
	asArray,
	asCount,
	asObject,
	asString,
	badField,
	type JsonField,
	parseDocument,
	property,
	required,
	stringAt,
	stringMapAt,
	stringsAt,
} from './json-field.ts';
import { digestOf } from './parse-descriptor.ts';

/** image-spec 1.1, config.md; Docker's image JSON is the same document. @throws TsrunError TSRUN_BAD_IMAGE */
export function parseImageConfig(bytes: Uint8Array, document: string): ImageConfig {
	const root = parseDocument(bytes, document);
	const rootfs = required(root, 'rootfs');
	const type = required(rootfs, 'type');
	if (type.value !== 'layers') throw badField(type, '"layers"');
	const diffIds = property(rootfs, 'diff_ids');
	const variant = stringAt(root, 'variant');
	const created = stringAt(root, 'created');
	return {
		os: asString(required(root, 'os')),
		architecture: asString(required(root, 'architecture')),
		...(variant === '' ? {} : { variant }),
		...(created === '' ? {} : { created }),
		config: parseExecution(property(root, 'config')),
		rootfs: { type: 'layers', diffIds: diffIds === undefined ? [] : asArray(diffIds).map(digestOf) },
	};
}

function parseExecution(field: JsonField | undefined): ImageExecution {
	const config = field ?? { value: {}, pointer: '/config', document: '' };
	const shell = stringsAt(config, 'Shell');
	return {
		user: stringAt(config, 'User'),
		env: stringsAt(config, 'Env'),
		entrypoint: stringsAt(config, 'Entrypoint'),
		cmd: stringsAt(config, 'Cmd'),
		workingDir: stringAt(config, 'WorkingDir'),
		volumes: keysAt(config, 'Volumes'),
		labels: stringMapAt(config, 'Labels') ?? {},
		stopSignal: stringAt(config, 'StopSignal'),
		exposedPorts: keysAt(config, 'ExposedPorts'),
		...healthcheckAt(config),
		...(shell.length === 0 ? {} : { shell }),
	};
}

function healthcheckAt(config: JsonField): Pick<ImageExecution, 'healthcheck'> {
	const field = property(config, 'Healthcheck');
	if (field === undefined) return {};
	const count = (name: string): number => {
		const value = property(field, name);
		return value === undefined ? 0 : asCount(value);
	};
	return {
		healthcheck: {
			test: stringsAt(field, 'Test'),
			interval: count('Interval'),
			timeout: count('Timeout'),
			startPeriod: count('StartPeriod'),
			retries: count('Retries'),
		},
	};
}

/** A set, which Go writes as an object with empty objects as values. */
function keysAt(config: JsonField, name: string): readonly string[] {
	const field = property(config, name);
	if (field === undefined) return [];
	const keys = Object.keys(asObject(field));
	if (keys.some(key => key.includes('\0'))) throw badField(field, 'an object whose keys hold no NUL');
	return keys;
}
