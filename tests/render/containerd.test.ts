import { parse } from "smol-toml";

import {
  containerdConfig,
  registryConfigPath,
  registryMirror,
  sandboxImagePlaceholder,
} from "../../components/render/containerd";
import { golden, testGoldens } from "../support/golden";

testGoldens("containerd", {
  "config.toml": () => containerdConfig({}),
  "config-settings.toml": () =>
    containerdConfig({
      restrict_oom_score_adj: true,
      max_concurrent_downloads: 5,
      containerd: { runtimes: { runc: { options: { BinaryName: "/usr/bin/crun" } } } },
      registry: null,
    }),
  "hosts.toml": () => registryMirror("http://198.18.255.2:5000"),
});

interface Config {
  version: number;
  plugins: Record<string, Record<string, unknown>>;
}

function cri(name: string): Record<string, unknown> {
  const { version, plugins } = parse(golden("containerd", name)) as unknown as Config;
  expect(version).toBe(2);
  expect(Object.keys(plugins)).toEqual(["io.containerd.grpc.v1.cri"]);
  return plugins["io.containerd.grpc.v1.cri"] ?? {};
}

it("has systemd's cgroups, a sandbox image still to be named, and the folder of the mirrors", () => {
  expect(cri("config.toml")).toEqual({
    sandbox_image: sandboxImagePlaceholder,
    cni: { bin_dir: "/opt/cni/bin", conf_dir: "/etc/cni/net.d" },
    containerd: {
      runtimes: {
        runc: { runtime_type: "io.containerd.runc.v2", options: { SystemdCgroup: true } },
      },
    },
    registry: { config_path: registryConfigPath },
  });
});

it("merges the user's settings into the CRI plugin's table", () => {
  const config = cri("config-settings.toml");
  expect(config).toMatchObject({
    sandbox_image: sandboxImagePlaceholder,
    restrict_oom_score_adj: true,
    max_concurrent_downloads: 5,
    containerd: {
      runtimes: { runc: { options: { SystemdCgroup: true, BinaryName: "/usr/bin/crun" } } },
    },
  });
  expect(config).not.toHaveProperty("registry");
});

it("leads pulls to the mirror", () => {
  expect(parse(golden("containerd", "hosts.toml"))).toEqual({
    host: { "http://198.18.255.2:5000": { capabilities: ["pull", "resolve"] } },
  });
});

it("can be told to be ours", () => {
  for (const name of ["config.toml", "hosts.toml"]) {
    expect(golden("containerd", name)).toContain("Written by kubeadm-ha");
  }
});
