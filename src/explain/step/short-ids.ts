/** The text with ids of containers and digests as short as docker prints them. */
export const shortIds = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');
