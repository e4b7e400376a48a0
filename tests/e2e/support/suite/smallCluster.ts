import type { Edit, HostEntry, StackFile } from "./stackFile";
import { suite } from "./suites";

/** The stack with one control plane behind HAProxy, and two workers. */
export const small = suite("preflight");
export const smallHosts = ["lb", "cp1", "w1", "w2"] as const;
export const smallNodes = ["cp1", "w1", "w2"] as const;

/** Makes the small cluster of the committed stack file, which has three control planes. */
export const oneControlPlane: Edit = (stack) => {
  stack.config["kubeadm-ha:controlPlanes"].splice(1);
};

/** The small cluster's stack file with a further change. */
export function smallWith(edit: Edit): Edit {
  return (stack) => {
    oneControlPlane(stack);
    edit(stack);
  };
}

/** All hosts' entries in a stack file. */
export function entriesOf({ config }: StackFile): HostEntry[] {
  return [
    ...(config["kubeadm-ha:loadBalancer"].hosts ?? []),
    ...config["kubeadm-ha:controlPlanes"],
    ...config["kubeadm-ha:workers"],
  ];
}
