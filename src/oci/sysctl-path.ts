/**
 * The path below /proc/sys of a kernel parameter's name (sysctl.d(5)): whichever of `.` and `/` comes first parts the name, and
 * the other one stands for itself, so that `net.ipv4.conf.eth0/7.forwarding` is `net/ipv4/conf/eth0.7/forwarding`.
 */
export function sysctlPath(name: string): string {
	if (name.search(/[./]/) === name.indexOf('/')) return name;
	return name.replace(/[./]/g, separator => (separator === '.' ? '/' : '.'));
}
