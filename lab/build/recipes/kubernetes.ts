import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

import { goBuild } from "../go";
import type { Recipe } from "../recipe";

/** The programs that hosts and images take from a release's binary. */
export const hostPrograms = ["kubeadm", "kubectl", "kubelet"] as const;
/** The programs that run in a control plane's and every node's containers. */
export const clusterPrograms = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
] as const;

const recipes = new Map<string, Recipe>();

/**
 * A release of Kubernetes: one binary with every program in it (`bin/kubernetes`), which looks at the name it is called by, and
 * links to it named after the programs. One binary takes a quarter of the time and space of eight.
 *
 * @param version such as "1.37.2"; its sources are in programs/kubernetes/<version>.
 */
export function kubernetes(version: string): Recipe {
  const sources = `programs/kubernetes/${version}`;
  const recipe: Recipe = recipes.get(version) ?? {
    name: `kubernetes-${version}`,
    inputs: ["build/recipes/kubernetes.ts", "build/go.ts", sources],
    parameters: { version },
    usual: 400,
    async build(context) {
      mkdirSync(path.join(context.out, "bin"));
      const variables = versionVariables(version);
      await goBuild(context, {
        module: sources,
        package: ".",
        output: "bin/kubernetes",
        variables,
      });
      for (const program of [...hostPrograms, ...clusterPrograms]) {
        symlinkSync("kubernetes", path.join(context.out, "bin", program));
      }
    },
  };
  recipes.set(version, recipe);
  return recipe;
}

/** The version that the programs tell, and that kubeadm compares with its configuration and with the kubelet's. */
export function versionVariables(version: string): Record<string, string> {
  const [major = "", minor = ""] = version.split(".");
  const values = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  return Object.fromEntries(
    packages.flatMap((name) =>
      Object.entries({ ...values, gitTreeState: "clean" }).map(([key, v]) => [`${name}.${key}`, v]),
    ),
  );
}
