/** An address of IPv4 or IPv6: its 4 or 16 bytes, in the order of the network. */
export type IpBytes = Uint8Array;

export interface Subnet {
	/** The first address. */
	readonly base: IpBytes;
	/** How many bits all addresses of the subnet share. */
	readonly prefix: number;
}

/** The bytes of an address as inet_pton(3) reads it; a zone is not part of an address. */
export function parseIp(text: string): IpBytes | undefined {
	return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): IpBytes | undefined {
	const parts = text.split('.');
	const isAddress = parts.length === 4 && parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
	return isAddress ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): IpBytes | undefined {
	if (text.length > 45) return undefined;
	const halves = text.split('::');
	if (halves.length > 2) return undefined;
	const [before, after] = [bytesOf(halves[0] ?? '', false), bytesOf(halves[1] ?? '', true)];
	const missing = 16 - (before?.length ?? 17) - (after?.length ?? 0);
	if (before === undefined || after === undefined || (halves.length === 2 ? missing < 2 : missing !== 0)) {
		// an address that ends with dotted numbers and has no ::
		const whole = halves.length === 1 ? bytesOf(text, true) : undefined;
		return whole?.length === 16 ? Uint8Array.from(whole) : undefined;
	}
	return Uint8Array.from([...before, ...Array.from({ length: missing }, () => 0), ...after]);
}

/** Groups of four hex digits; at the end of an address the last four bytes may be written as IPv4. */
function bytesOf(part: string, isEnd: boolean): readonly number[] | undefined {
	if (part === '') return [];
	const groups = part.split(':');
	const bytes = groups.map((group, index) => {
		if (/^[0-9a-f]{1,4}$/i.test(group)) {
			const word = Number.parseInt(group, 16);
			return [word >> 8, word & 0xff];
		}
		const dotted = isEnd && index === groups.length - 1 ? parseIpv4(group) : undefined;
		return dotted === undefined ? undefined : [...dotted];
	});
	return bytes.every(each => each !== undefined) ? bytes.flat() : undefined;
}

/** As RFC 5952 writes it: lower case, without leading zeros, the longest run of two zero groups or more as `::`. */
export function ipText(bytes: IpBytes): string {
	if (bytes.length === 4) return bytes.join('.');
	const groups = Array.from({ length: 8 }, (_, index) =>
		(((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
	);
	const text = groups.join(':');
	const runs = [...text.matchAll(/\b0(?::0)+\b/g)].map(([run]) => run);
	const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
	return longest === '' ? text : text.replace(new RegExp(`(^|:)${longest}(:|$)`), '::');
}

/** `10.1.0.0/16`, `fd00::/64`; undefined where it is none, or has bits beyond the prefix. */
export function parseSubnet(text: string): Subnet | undefined {
	const [address = '', bits = '', ...rest] = text.split('/');
	const base = parseIp(address);
	if (base === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return undefined;
	const prefix = Number(bits);
	if (prefix > base.length * 8) return undefined;
	return { base: masked(base, prefix), prefix };
}

export const subnetText = ({ base, prefix }: Subnet): string => `${ipText(base)}/${prefix}`;

/** Whether both are of one family and have an address in common. */
export function overlaps(one: Subnet, other: Subnet): boolean {
	const prefix = Math.min(one.prefix, other.prefix);
	return one.base.length === other.base.length && isSame(masked(one.base, prefix), masked(other.base, prefix));
}

export const contains = (subnet: Subnet, address: IpBytes): boolean =>
	overlaps(subnet, { base: address, prefix: address.length * 8 });

/** The address so far behind the first. */
export function addressAt({ base }: Subnet, offset: bigint): IpBytes {
	let value = base.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + offset;
	const bytes = new Uint8Array(base.length);
	for (let index = base.length - 1; index >= 0; index--) {
		bytes[index] = Number(value & 0xffn);
		value >>= 8n;
	}
	return bytes;
}

/** How many addresses a subnet has. */
export const sizeOf = ({ base, prefix }: Subnet): bigint => 1n << BigInt(base.length * 8 - prefix);

export const isSame = (one: IpBytes, other: IpBytes): boolean =>
	one.length === other.length && one.every((byte, index) => byte === other[index]);

function masked(bytes: IpBytes, prefix: number): IpBytes {
	return bytes.map((byte, index) => {
		const bits = Math.min(8, Math.max(0, prefix - 8 * index));
		return byte & (0xff << (8 - bits)) & 0xff;
	});
}
