import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { architecture } from "../architecture";
import type { BuildContext, Recipe } from "../recipe";
import { versions } from "../versions";
import { hostPrograms, kubernetes } from "./kubernetes";
import { cniPlugins } from "./programs";

/** The revision that upstream gives the first build of a version. */
const revision = "1.1";

interface Package {
  readonly name: string;
  /** Without the revision. */
  readonly version: string;
  readonly description: string;
  readonly depends?: string;
  readonly recommends?: string;
  /** Fills the package's root folder; DEBIAN/ is there. */
  readonly files: (root: string) => void;
}

/** Puts a file at a path below a folder, with a mode. */
function install(from: string, to: string, mode: number): void {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

const recipes = new Map<string, Recipe>();

/**
 * A release as Debian packages, laid out as those of pkgs.k8s.io: kubelet, kubeadm and kubectl, versions such as 1.37.2-1.1. Their
 * programs are links into a package of their release, `kubernetes-programs-<version>`, with the one binary. Such packages lie
 * side by side, so that kubeadm can be of a newer release than the kubelet, as an upgrade needs it.
 */
export function kubernetesPackages(version: string): Recipe {
  const recipe: Recipe = recipes.get(version) ?? {
    name: `kubernetes-packages-${version}`,
    inputs: ["build/recipes/kubernetesPackages.ts", "packages"],
    parameters: { version },
    needs: [kubernetes(version)],
    usual: 5,
    async build(context) {
      for (const one of releasePackages(context, version)) await makePackage(context, one);
    },
  };
  recipes.set(version, recipe);
  return recipe;
}

/** The package kubernetes-cni: the CNI plugins in /opt/cni/bin. */
export const cniPackage: Recipe = {
  name: `kubernetes-cni-package-${versions.cniPlugins}`,
  inputs: ["build/recipes/kubernetesPackages.ts"],
  parameters: { version: versions.cniPlugins },
  needs: [cniPlugins],
  build: (context) =>
    makePackage(context, {
      name: "kubernetes-cni",
      version: versions.cniPlugins,
      description: "Binaries required to provision kubernetes container networking",
      files: (root) =>
        cpSync(context.of(cniPlugins), path.join(root, "opt/cni/bin"), { recursive: true }),
    }),
};

function releasePackages(context: BuildContext, version: string): Package[] {
  const shared = `kubernetes-programs-${version}`;
  const home = `usr/libexec/kubernetes-${version}`;
  const sources = path.join(context.lab, "packages");
  const link = (root: string, program: string): void => {
    mkdirSync(path.join(root, "usr/bin"), { recursive: true });
    symlinkSync(`/${home}/${program}`, path.join(root, "usr/bin", program));
  };
  return [
    {
      name: shared,
      version,
      description: `Every program of Kubernetes ${version} in one binary`,
      files(root) {
        const binary = path.join(context.of(kubernetes(version)), "bin/kubernetes");
        install(binary, path.join(root, home, "kubernetes"), 0o755);
        for (const program of hostPrograms) {
          symlinkSync("kubernetes", path.join(root, home, program));
        }
      },
    },
    {
      name: "kubectl",
      version,
      description: "Command-line utility for interacting with a Kubernetes cluster",
      depends: shared,
      files: (root) => link(root, "kubectl"),
    },
    {
      name: "kubeadm",
      version,
      description: "Command-line utility for administering a Kubernetes cluster",
      depends: shared,
      files(root) {
        link(root, "kubeadm");
        const dropIn = "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf";
        install(path.join(sources, "kubeadm/10-kubeadm.conf"), path.join(root, dropIn), 0o644);
      },
    },
    {
      name: "kubelet",
      version,
      description: "Node agent for Kubernetes clusters",
      depends: `${shared}, init-system-helpers, kubernetes-cni (>= 1.2.0), mount, util-linux`,
      recommends: "iptables (>= 1.8.4)",
      files(root) {
        link(root, "kubelet");
        const from = (name: string): string => path.join(sources, "kubelet", name);
        const unit = "usr/lib/systemd/system/kubelet.service";
        install(from("kubelet.service"), path.join(root, unit), 0o644);
        install(from("default"), path.join(root, "etc/default/kubelet"), 0o644);
        writeFileSync(path.join(root, "DEBIAN/conffiles"), "/etc/default/kubelet\n");
        for (const script of ["postinst", "prerm", "postrm"]) {
          install(from(script), path.join(root, "DEBIAN", script), 0o755);
        }
        // Upstream's packages have these too: a package cannot hold an empty folder.
        for (const folder of ["var/lib/kubelet", "etc/kubernetes/manifests"]) {
          mkdirSync(path.join(root, folder), { recursive: true });
          writeFileSync(path.join(root, folder, ".kubelet-keep"), "");
        }
      },
    },
  ];
}

async function makePackage(context: BuildContext, one: Package): Promise<void> {
  const root = path.join(context.scratch, one.name);
  mkdirSync(path.join(root, "DEBIAN"), { recursive: true });
  one.files(root);
  const fields = {
    Package: one.name,
    Version: `${one.version}-${revision}`,
    Architecture: architecture(),
    Maintainer: "kubeadm-ha lab <lab@kubeadm-ha.invalid>",
    Section: "admin",
    Priority: "optional",
    Homepage: "https://kubernetes.io",
    Depends: one.depends,
    Recommends: one.recommends,
    Description: `${one.description}\n Built by the lab of kubeadm-ha. Not for production.`,
  };
  const control = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(path.join(root, "DEBIAN/control"), control.join(""));
  const file = path.join(context.out, `${one.name}_${fields.Version}_${fields.Architecture}.deb`);
  await context.run("dpkg-deb", ["--root-owner-group", "-Zzstd", "-z3", "--build", root, file]);
}
