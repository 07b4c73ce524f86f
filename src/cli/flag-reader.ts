/** Flags as commander collects them: by camel-case name. */
export type CollectedFlags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Typed access to what commander collected. */
export interface FlagReader {
	readonly isSet: (name: string) => boolean;
	/** Whether `--no-<name>` was given. */
	readonly isRefused: (name: string) => boolean;
	readonly value: (name: string) => string | undefined;
	readonly list: (name: string) => readonly string[];
	/** One flag as a part of an object, and nothing where it was not given. */
	readonly parsed: <K extends string, T>(name: K, parse: (text: string) => T) => { readonly [P in K]?: T };
	/** As `parsed`; an empty value is as good as none. */
	readonly named: <K extends string, T>(name: K, parse: (text: string) => T) => { readonly [P in K]?: T };
}

export function flagReader(flags: CollectedFlags): FlagReader {
	const value = (name: string): string | undefined => {
		const found = flags[name];
		return typeof found === 'string' ? found : undefined;
	};
	return {
		isSet: name => flags[name] === true,
		isRefused: name => flags[name] === false,
		value,
		list: name => {
			const found = flags[name];
			return Array.isArray(found) ? found : [];
		},
		parsed: (name, parse) => given(name, mapped(value(name), parse)),
		named: (name, parse) => given(name, mapped(value(name) || undefined, parse)),
	};
}

function mapped<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
	return text === undefined ? undefined : parse(text);
}

/** One property, or an object without it where the value is undefined. */
export function given<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
	return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T };
}
