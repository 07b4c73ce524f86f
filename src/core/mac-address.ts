/** A hardware address as it is written: `02:42:ac:11:00:02`. */
export const macText = (bytes: Uint8Array): string =>
	[...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':');
