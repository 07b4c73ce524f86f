/** Docker's masked paths (moby, daemon/pkg/oci/defaults.go), without the throttle counters of each CPU, which depend on the host. */
export const MASKED_PATHS: readonly string[] = [
	'/proc/acpi',
	'/proc/asound',
	'/proc/interrupts',
	'/proc/kcore',
	'/proc/keys',
	'/proc/latency_stats',
	'/proc/sched_debug',
	'/proc/scsi',
	'/proc/timer_list',
	'/proc/timer_stats',
	'/sys/devices/virtual/powercap',
	'/sys/firmware',
];

/** Docker's read-only paths, of the same file. */
export const READONLY_PATHS: readonly string[] = [
	'/proc/bus',
	'/proc/fs',
	'/proc/irq',
	'/proc/sys',
	'/proc/sysrq-trigger',
];
