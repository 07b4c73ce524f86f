/** The flag of `tsrun run` that fills a field of config.json, for messages to those who never wrote the file. */
const FLAGS: Readonly<Record<string, string>> = {
	'/linux/resources/memory/limit': '--memory',
	'/linux/resources/memory/swap': '--memory-swap',
	'/linux/resources/memory/reservation': '--memory-reservation',
	'/linux/resources/cpu/shares': '--cpu-shares',
	'/linux/resources/cpu/quota': '--cpus',
	'/linux/resources/cpu/period': '--cpus',
	'/linux/resources/cpu/cpus': '--cpuset-cpus',
	'/linux/resources/cpu/mems': '--cpuset-mems',
	'/linux/resources/pids/limit': '--pids-limit',
	'/linux/resources/blockIO/weight': '--blkio-weight',
};

/** `/linux/resources/memory/limit (--memory)`; the pointer alone where no flag fills it. */
export function pointerWithFlag(pointer: string): string {
	const flag = FLAGS[pointer];
	return flag === undefined ? pointer : `${pointer} (${flag})`;
}
