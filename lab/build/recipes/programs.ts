import path from "node:path";

import { goBuild } from "../go";
import type { Recipe } from "../recipe";
import { versions } from "../versions";

const common = ["build/recipes/programs.ts", "build/go.ts"];

/** `etcd`, `etcdctl` and `etcdutl`. */
export const etcd: Recipe = {
  name: `etcd-${versions.etcd}`,
  inputs: [...common, "programs/etcd"],
  usual: 45,
  async build(context) {
    const packages = { etcd: "server", etcdctl: "etcdctl", etcdutl: "etcdutl" };
    for (const [output, name] of Object.entries(packages)) {
      await goBuild(context, {
        module: "programs/etcd",
        package: `go.etcd.io/etcd/${name}/v3`,
        output,
        variables: { "go.etcd.io/etcd/api/v3/version.GitSHA": "kubeadm-ha-lab" },
      });
    }
  },
};

/** `coredns`. */
export const coredns: Recipe = {
  name: `coredns-${versions.coredns}`,
  inputs: [...common, "programs/coredns"],
  usual: 120,
  build: (context) =>
    goBuild(context, {
      module: "programs/coredns",
      package: "github.com/coredns/coredns",
      output: "coredns",
      variables: { "github.com/coredns/coredns/coremain.GitCommit": "kubeadm-ha-lab" },
    }),
};

/** What the package kubernetes-cni carries: plugins, by the group they are in upstream. */
const cniPluginGroups = {
  main: ["bridge", "dummy", "host-device", "ipvlan", "loopback", "macvlan", "ptp", "tap", "vlan"],
  ipam: ["dhcp", "host-local", "static"],
  meta: ["bandwidth", "firewall", "portmap", "sbr", "tuning", "vrf"],
};

/** The standard CNI plugins, each a program of its own. */
export const cniPlugins: Recipe = {
  name: `cni-plugins-${versions.cniPlugins}`,
  inputs: [...common, "programs/cni-plugins"],
  parameters: { version: versions.cniPlugins },
  usual: 25,
  async build(context) {
    const module = "programs/cni-plugins";
    const plugins = "github.com/containernetworking/plugins";
    const version = `v${versions.cniPlugins}`;
    const variables = { [`${plugins}/pkg/utils/buildversion.BuildVersion`]: version };
    for (const [group, names] of Object.entries(cniPluginGroups)) {
      for (const output of names) {
        const name = `${plugins}/plugins/${group}/${output}`;
        await goBuild(context, { module, package: name, output, variables });
      }
    }
  },
};

/**
 * flannel's daemon (`flanneld`), and the CNI plugin that goes with it (`flannel`). flannel's own plugin is in no module that can
 * be had here; this is the one that it grew from. It knows CNI versions up to 0.4.0.
 */
export const flannel: Recipe = {
  name: `flannel-${versions.flannel}`,
  inputs: [...common, "programs/flannel", "programs/flannel-cni-plugin"],
  parameters: { version: versions.flannel },
  usual: 85,
  async build(context) {
    await goBuild(context, {
      module: "programs/flannel",
      package: "github.com/flannel-io/flannel",
      output: "flanneld",
      variables: { "github.com/flannel-io/flannel/pkg/version.Version": `v${versions.flannel}` },
      // Its udp back end is in C.
      cgo: true,
      tags: ["netgo", "osusergo"],
    });
    await goBuild(context, {
      module: "programs/flannel-cni-plugin",
      package: "github.com/containernetworking/plugins/plugins/meta/flannel",
      output: "flannel",
    });
  },
};

/** `pause`, the first process of every pod. */
export const pause: Recipe = {
  name: "pause",
  inputs: ["build/recipes/programs.ts", "programs/pause"],
  async build(context) {
    const source = path.join(context.lab, "programs/pause/pause.c");
    const flags = ["-Os", "-static", "-s", "-Wall", "-Wextra", "-Werror"];
    await context.run("gcc", [...flags, "-o", path.join(context.out, "pause"), source]);
  },
};

/** `web`, the test workload: a server and a client for tests of the pod network. */
export const web: Recipe = {
  name: "web",
  inputs: [...common, "programs/web"],
  build: (context) => goBuild(context, { module: "programs/web", package: ".", output: "web" }),
};

/** `writer`, which the e2e stories run on a host to write to the Kubernetes API at a steady rate. */
export const writer: Recipe = {
  name: "writer",
  inputs: [...common, "programs/writer"],
  build: (context) =>
    goBuild(context, { module: "programs/writer", package: ".", output: "writer" }),
};

/** `mirror`, the mirror container's first process. */
export const mirrorServer: Recipe = {
  name: "mirror-server",
  inputs: [...common, "mirror/server"],
  build: (context) => goBuild(context, { module: "mirror/server", package: ".", output: "mirror" }),
};
