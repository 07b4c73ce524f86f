export interface DeviceRequest {
	readonly type: 'b' | 'c';
	readonly major: number;
	readonly minor: number;
	/** BPF_DEVCG_ACC_*: 1 mknod, 2 read, 4 write. */
	readonly access: number;
}

const MASK32 = 0xffff_ffffn;

/** Runs a device program as the kernel would; refuses what its verifier refuses in such a program. */
export function runDeviceProgram(program: Uint8Array, { type, major, minor, access }: DeviceRequest): number {
	const context = [(access << 16) | (type === 'b' ? 1 : 2), major, minor];
	const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
	const registers: (bigint | undefined)[] = [undefined, 0n];
	const read = (register: number): bigint => {
		const value = registers[register];
		if (value === undefined) throw new Error(`r${register} is read before it is written`);
		return value;
	};
	for (let at = 0; at < program.byteLength; at += 8) {
		const code = view.getUint8(at);
		const [destination, source] = [view.getUint8(at + 1) & 15, view.getUint8(at + 1) >> 4];
		const offset = view.getInt16(at + 2, true);
		const immediate = BigInt(view.getInt32(at + 4, true));
		const jump = (taken: boolean): void => {
			if (taken) at += 8 * offset;
		};
		switch (code) {
			case 0x61:
				if (source !== 1 || offset % 4 !== 0 || context[offset / 4] === undefined)
					throw new Error('load outside the context');
				registers[destination] = BigInt(context[offset / 4] as number) & MASK32;
				break;
			case 0xb7:
				registers[destination] = immediate;
				break;
			case 0xbc:
				registers[destination] = read(source) & MASK32;
				break;
			case 0x54:
				registers[destination] = read(destination) & immediate & MASK32;
				break;
			case 0x74:
				registers[destination] = (read(destination) & MASK32) >> immediate;
				break;
			case 0x05:
				jump(true);
				break;
			case 0x55:
				jump(read(destination) !== immediate);
				break;
			case 0x45:
				jump((read(destination) & immediate) !== 0n);
				break;
			case 0x95:
				return Number(read(0));
			default:
				throw new Error(`eBPF code ${code} at ${at / 8} is not for a device program`);
		}
	}
	throw new Error('the program runs past its end');
}
