/** What JSON can hold, with integers of any size. */
export type ExactJson =
	| string
	| number
	| bigint
	| null
	| readonly ExactJson[]
	| { readonly [key: string]: ExactJson | undefined };

/** JSON with every digit of 64-bit counters, which `JSON.stringify` would round or refuse. An undefined property is left out. */
export function exactJson(value: ExactJson): string {
	if (typeof value === 'bigint') return value.toString();
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	if (isList(value)) return `[${value.map(exactJson).join(',')}]`;
	const properties = Object.entries(value).flatMap(([key, each]) =>
		each === undefined ? [] : [`${JSON.stringify(key)}:${exactJson(each)}`],
	);
	return `{${properties.join(',')}}`;
}

const isList = (value: ExactJson): value is readonly ExactJson[] => Array.isArray(value);
