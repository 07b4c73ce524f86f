import { BlockList, isIP } from 'node:net';
import { TsrunError } from '../../core/errors.ts';
import type { Environment } from './read-registries-conf.ts';

/**
 * The proxy for a URL, from HTTPS_PROXY, HTTP_PROXY and NO_PROXY in either case, as Go's programs read them: the machine itself
 * never goes through one, and NO_PROXY is a list of hosts, `.domain`s, addresses, networks, each with a port if told, or `*`.
 * @throws TsrunError TSRUN_BAD_PROXY
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
	const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
	const told = env[name] || env[name.toLowerCase()];
	const host = bare(url.hostname);
	if (!told || isOwn(host)) return undefined;
	const port = url.port || (url.protocol === 'https:' ? '443' : '80');
	const exceptions = (env.NO_PROXY || env.no_proxy || '').split(',').map(word => word.trim().toLowerCase());
	if (exceptions.some(exception => isExcepted(exception, host, port))) return undefined;
	try {
		const proxy = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(told) ? told : `http://${told}`);
		if (proxy.protocol === 'http:' || proxy.protocol === 'https:') return proxy;
	} catch {
		// worded below
	}
	throw new TsrunError('TSRUN_BAD_PROXY', `${name} is not the URL of an HTTP proxy`, {
		hint: `for example ${name}=http://proxy.example:3128`,
	});
}

function isExcepted(exception: string, host: string, port: string): boolean {
	if (exception === '') return false;
	if (exception === '*') return true;
	const [, name = exception, onlyPort] = /^(.*[^:]|\[.*\]):([0-9]+)$/.exec(exception) ?? [];
	const isPortTold = onlyPort !== undefined && (isIP(exception) === 0 || exception.startsWith('['));
	const wanted = bare(isPortTold ? name : exception);
	if (isPortTold && onlyPort !== port) return false;
	if (wanted.includes('/')) return isIn(host, wanted);
	if (isIP(wanted) !== 0) return wanted === host;
	return wanted.startsWith('.') ? host.endsWith(wanted) : host === wanted || host.endsWith(`.${wanted}`);
}

function isIn(host: string, network: string): boolean {
	const [address = '', bits = ''] = network.split('/');
	const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
	if (isIP(address) === 0 || isIP(host) === 0 || !/^[0-9]{1,3}$/.test(bits)) return false;
	if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
	const list = new BlockList();
	list.addSubnet(address, Number(bits), family);
	return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

function isOwn(host: string): boolean {
	return host === 'localhost' || host === '::1' || /^127(\.[0-9]+){3}$/.test(host);
}

function bare(host: string): string {
	return host.replace(/^\[(.*)\]$/, '$1');
}
