import { goBuild } from "../go";
import type { Recipe } from "../recipe";
import { versions } from "../versions";
import { versionVariables } from "./kubernetes";

const version = versions.oldKubeadm;
const sources = `programs/kubernetes/kubeadm-${version}`;

/** The last kubeadm that reads API version v1beta3 without converting it (`kubeadm`): a judge for tests, never run on a host. */
export const oldKubeadm: Recipe = {
  name: `kubeadm-${version}`,
  inputs: ["build/recipes/oldKubeadm.ts", "build/recipes/kubernetes.ts", "build/go.ts", sources],
  parameters: { version },
  usual: 120,
  build: (context) =>
    goBuild(context, {
      module: sources,
      package: "k8s.io/kubernetes/cmd/kubeadm",
      output: "kubeadm",
      variables: versionVariables(version),
    }),
};
