const CODES = { bold: '1', dim: '2', red: '31', green: '32', cyan: '36' } as const;

/** Text in a style (ECMA-48 SGR). */
export type Paint = (style: keyof typeof CODES, text: string) => string;

/** @param colour false: text as it is, for pipes and files */
export const painter =
	(colour: boolean): Paint =>
	(style, text) =>
		colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
