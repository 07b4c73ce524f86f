/** Which kind of address a text is (inet_pton(3); a zone is not part of an address), or undefined. */
export function ipAddressKind(text: string): 'ipv4' | 'ipv6' | undefined {
	if (isIpv4(text)) return 'ipv4';
	return isIpv6(text) ? 'ipv6' : undefined;
}

function isIpv4(text: string): boolean {
	const parts = text.split('.');
	return parts.length === 4 && parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
	if (text.length > 45) return false;
	const halves = text.split('::');
	if (halves.length > 2) return false;
	const groups = halves.map(half => (half === '' ? [] : half.split(':')));
	const all = groups.flat();
	const last = all.at(-1);
	const dotted = last?.includes('.') === true;
	if (dotted && (!isIpv4(last) || text.endsWith('::'))) return false;
	const hex = dotted ? all.slice(0, -1) : all;
	if (!hex.every(group => /^[0-9a-f]{1,4}$/i.test(group))) return false;
	const words = hex.length + (dotted ? 2 : 0);
	return halves.length === 2 ? words < 8 : words === 8;
}
