import { TsrunError } from '../../core/errors.ts';
import type { Variant } from '../dbus/dbus-value.ts';
import type { UnitProperty } from './unit-property.ts';
import { parseVariantText } from './variant-text.ts';

const PREFIX = 'org.systemd.property.';

/**
 * What a container may ask of systemd for its own scope. Others reach beyond it: `PIDs` takes in processes of the host, `Slice`
 * leaves the place that the engine chose, `DeviceAllow` and `DevicePolicy` open devices, `Conflicts` and `OnFailure` stop and start
 * services, `SuccessAction` restarts the host. In Kubernetes whoever may make a pod writes annotations (CVE-2024-3154).
 */
const ALLOWED: ReadonlySet<string> = new Set([
	...['Description', 'Documentation', 'After', 'Before', 'CollectMode', 'TimeoutStopUSec', 'RuntimeMaxUSec'],
	...['RuntimeRandomizedExtraUSec', 'OOMPolicy', 'KillMode', 'KillSignal', 'RestartKillSignal', 'FinalKillSignal'],
	...['WatchdogSignal', 'SendSIGKILL', 'SendSIGHUP', 'CPUAccounting', 'CPUWeight', 'StartupCPUWeight', 'CPUShares'],
	...['StartupCPUShares', 'CPUQuotaPerSecUSec', 'CPUQuotaPeriodUSec', 'AllowedCPUs', 'StartupAllowedCPUs'],
	...['AllowedMemoryNodes', 'StartupAllowedMemoryNodes', 'MemoryAccounting', 'MemoryMin', 'MemoryLow', 'MemoryHigh'],
	...['MemoryMax', 'MemorySwapMax', 'MemoryZSwapMax', 'MemoryLimit', 'DefaultMemoryMin', 'DefaultMemoryLow'],
	...[
		'TasksAccounting',
		'TasksMax',
		'IOAccounting',
		'IOWeight',
		'StartupIOWeight',
		'BlockIOAccounting',
		'BlockIOWeight',
	],
	...['StartupBlockIOWeight', 'IPAccounting', 'ManagedOOMSwap', 'ManagedOOMMemoryPressure', 'ManagedOOMPreference'],
	...['ManagedOOMMemoryPressureLimit', 'ManagedOOMMemoryPressureLimitPermyriad'],
]);

/**
 * `org.systemd.property.NAME` annotations, whose values are GVariant text (runc docs/systemd.md). A time in seconds, by a name
 * that ends with `Sec`, becomes the property with `USec`, which is the one that there is.
 * @throws TsrunError TSRUN_BAD_ANNOTATION
 */
export function annotationProperties(annotations: Readonly<Record<string, string>>): readonly UnitProperty[] {
	return Object.entries(annotations).flatMap(([key, value]): readonly UnitProperty[] => {
		if (!key.startsWith(PREFIX)) return [];
		const name = key.slice(PREFIX.length);
		const isSeconds = /[a-z]Sec$/.test(name);
		const property = isSeconds ? name.replace(/Sec$/, 'USec') : name;
		if (!ALLOWED.has(property)) throw refused(key, name);
		try {
			const variant = parseVariantText(value);
			return [[property, isSeconds ? microseconds(variant) : variant]];
		} catch (error) {
			const words = error instanceof Error ? error.message : String(error);
			throw bad(`annotation ${shown(key)} value parse error: ${words}`, "as in uint64 30000000, true or 'text'");
		}
	});
}

function microseconds({ signature, value }: Variant): Variant {
	if (!'ynqiuxtd'.includes(signature)) throw new Error('a time in seconds is a number');
	if (Number(value) < 0) throw new Error('a time is not below 0');
	const number =
		signature === 'd' ? BigInt(Math.trunc(Number(value) * 1e6)) : BigInt(value as number | bigint) * 1_000_000n;
	if (number >= 2n ** 64n) throw new Error('the time is too long');
	return { signature: 't', value: number };
}

function refused(key: string, name: string): TsrunError {
	if (!/^[A-Za-z]{3,}$/.test(name))
		return bad(`annotation ${shown(key)} name incorrect`, 'expected the name of a property of a systemd scope');
	return bad(
		`annotation ${shown(key)} is not allowed`,
		'annotations may set limits and time-outs of the container’s own scope, and nothing that reaches beyond it',
	);
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 120));

const bad = (words: string, hint: string): TsrunError =>
	new TsrunError('TSRUN_BAD_ANNOTATION', words, { hint, exitCode: 1 });
