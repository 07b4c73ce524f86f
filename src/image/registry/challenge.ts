/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
	/** In lower case. */
	readonly scheme: string;
	/** By lower-case name. */
	readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const PARAMETER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;

/** Reads every challenge of a header; what is not one ends the reading. */
export function parseChallenges(header: string): readonly Challenge[] {
	const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
	let rest = header;
	for (;;) {
		rest = rest.replace(/^[\s,]+/, '');
		const parameter = PARAMETER.exec(rest);
		const last = challenges.at(-1);
		if (parameter !== null && last !== undefined) {
			const [whole, name = '', quoted, bare] = parameter;
			last.parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
			rest = rest.slice(whole.length);
			continue;
		}
		const scheme = TOKEN.exec(rest)?.[0];
		if (scheme === undefined) return challenges;
		challenges.push({ scheme: scheme.toLowerCase(), parameters: Object.create(null) as Record<string, string> });
		rest = rest.slice(scheme.length);
	}
}
