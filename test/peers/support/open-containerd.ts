import type { Systemd } from '../../kernel/support/open-systemd.ts';
import { engineImage } from './engine-image.ts';
import { eventually } from './eventually.ts';
import { openPen, type Pen, type PenOptions, type PenResult } from './open-pen.ts';
import type { OciRuntime } from './runtimes.ts';

/** containerd in a pen, with an image in the namespaces `default` and `k8s.io`. */
export interface Containerd {
	readonly pen: Pen;
	readonly ctr: (words: readonly string[], options?: PenOptions) => Promise<PenResult>;
	/** stdout of a command that must succeed. */
	readonly output: (words: readonly string[], options?: PenOptions) => Promise<string>;
	/** Of the daemon, inside. */
	readonly socket: string;
}

const CRI = 'plugins."io.containerd.grpc.v1.cri"';
const SOCKET = '/run/containerd/containerd.sock';

/**
 * The runtime classes `peer`, with the runtime, and `runc`, which the plugin wants. A sandbox is to have a lower score at the
 * OOM killer than this process may give: `restrict_oom_score_adj`.
 */
const configuration = (runtime: OciRuntime, isSystemd: boolean): string => `
version = 2
[${CRI}]
  sandbox_image = "localhost/witness:latest"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [${CRI}.cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [${CRI}.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [${CRI}.containerd.runtimes.peer]
    runtime_type = "io.containerd.runc.v2"
    [${CRI}.containerd.runtimes.peer.options]
      BinaryName = "${runtime.path}"
      SystemdCgroup = ${isSystemd}
`;

const POD_NETWORK = {
	cniVersion: '0.4.0',
	name: 'pods',
	plugins: [
		{
			type: 'ptp',
			ipam: { type: 'host-local', ranges: [[{ subnet: '10.90.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] },
		},
	],
};

/** @param systemd a machine with systemd, where containers get scopes of it */
export async function openContainerd(runtime: OciRuntime, systemd?: Systemd): Promise<Containerd> {
	const pen = systemd?.pen ?? (await openPen());
	const machine = systemd ?? pen;
	const write = (path: string, input: string): Promise<string> =>
		machine.output(['sh', '-c', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path], { input });
	await write('/etc/containerd/config.toml', configuration(runtime, systemd !== undefined));
	await machine.output(['rm', '-rf', '/etc/cni/net.d']);
	await write('/etc/cni/net.d/pods.conflist', JSON.stringify(POD_NETWORK));
	await machine.output(['sh', '-c', 'containerd > /run/containerd.log 2>&1 &']);
	const ctr: Containerd['ctr'] = (words, options) => machine.run(['ctr', ...words], options);
	await eventually(
		() => ctr(['version']),
		({ exitCode }) => exitCode === 0,
	);
	const archive = await engineImage(pen.dir, 'oci-archive');
	for (const namespace of ['default', 'k8s.io'])
		await machine.output(['ctr', '-n', namespace, 'image', 'import', archive]);
	return { pen, ctr, output: (words, options) => machine.output(['ctr', ...words], options), socket: SOCKET };
}
