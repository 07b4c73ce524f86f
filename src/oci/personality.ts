/** Execution domains of config.json and their numbers (personality(2), linux/personality.h). */
export const PERSONALITIES: Readonly<Record<string, number>> = { LINUX: 0, LINUX32: 8 };
