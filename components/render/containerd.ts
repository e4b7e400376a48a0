import { stringify } from "smol-toml";

import { merge, type Tree } from "./merge";

/**
 * Stands for kubeadm's own sandbox image until the host's kubeadm has named it: only the installed kubeadm knows which
 * pause image its release wants.
 */
export const sandboxImagePlaceholder = "@SANDBOX_IMAGE@";

/** Folder with one `hosts.toml` per registry. */
export const registryConfigPath = "/etc/containerd/certs.d";

/**
 * containerd's configuration: cgroups by systemd, as the kubelet has it, and kubeadm's sandbox image. Configuration
 * version 2 is read by containerd 1.6 up to 2.x.
 *
 * @param settings the user's fragment, merged into the CRI plugin's table.
 */
export function containerdConfig(settings: Tree): string {
  const cri = merge(
    {
      sandbox_image: sandboxImagePlaceholder,
      cni: { bin_dir: "/opt/cni/bin", conf_dir: "/etc/cni/net.d" },
      containerd: {
        runtimes: {
          runc: { runtime_type: "io.containerd.runc.v2", options: { SystemdCgroup: true } },
        },
      },
      registry: { config_path: registryConfigPath },
    },
    settings,
  );
  return `# Written by kubeadm-ha.\n${stringify({ version: 2, plugins: { "io.containerd.grpc.v1.cri": cri } })}`;
}

/** `hosts.toml` that sends the pulls of every registry to a mirror which serves them under their own paths. */
export function registryMirror(url: string): string {
  return `# Written by kubeadm-ha.\n${stringify({
    host: { [url]: { capabilities: ["pull", "resolve"] } },
  })}`;
}
