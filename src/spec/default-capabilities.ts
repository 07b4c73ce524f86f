/** The capabilities of a container without `--cap-add`: docker's fourteen (moby, daemon/pkg/oci/caps). */
export const DEFAULT_CAPABILITIES: readonly string[] = [
	'CAP_CHOWN',
	'CAP_DAC_OVERRIDE',
	'CAP_FSETID',
	'CAP_FOWNER',
	'CAP_MKNOD',
	'CAP_NET_RAW',
	'CAP_SETGID',
	'CAP_SETUID',
	'CAP_SETFCAP',
	'CAP_SETPCAP',
	'CAP_NET_BIND_SERVICE',
	'CAP_SYS_CHROOT',
	'CAP_KILL',
	'CAP_AUDIT_WRITE',
];
