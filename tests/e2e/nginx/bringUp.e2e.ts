import { nodes } from "../support/cluster/nodes";
import { tellSeedStories, tellStackedEtcdStories } from "../support/cluster/seed";
import { suite } from "../support/suite/suites";

const nginx = suite("nginx");
const names = ["cp1", "cp2", "cp3", "w1"];
const cluster = { controlPlanes: ["cp1", "cp2", "cp3"], nodes: names.length };

describe("nginx in front of three stacked control planes", () => {
  it("bring-up makes a verified cluster", async () => {
    nginx.writeStackFile();
    await nginx.freshHosts();
    const run = await nginx.pulumiUp();
    console.log(`bring-up of 3+1 behind nginx: ${run.seconds.toFixed(1)} s`);
    expect(await nginx.stackOutput("health")).toMatchObject({ nodes: 4, etcdMembers: 3 });
    const found = await nodes(nginx);
    expect([...found.keys()].sort()).toEqual(names);
    for (const node of found.values()) expect(node.ready).toBe(true);
  });

  it("a second up changes nothing", async () => {
    expect((await nginx.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("runs with a configuration that nginx itself finds right, and logs where each connection went", async () => {
    await nginx.outputOf("lb", "nginx -t -q");
    expect(await nginx.outputOf("lb", "systemctl is-active nginx")).toBe("active");
    const log = await nginx.outputOf("lb", "cat /var/log/nginx/*.log");
    for (const name of cluster.controlPlanes) {
      expect(log).toContain(`${nginx.addressOf(name)}:6443`);
    }
  });

  it("leads to every API server", async () => {
    const names = new Set<string>();
    // Each request is a connection of its own; the API server's certificate tells its name.
    for (let i = 0; i < 12; i++) {
      const subject = await nginx.outputOf(
        "w1",
        `openssl s_client -connect ${nginx.addressOf("lb")}:6443 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
      );
      names.add(/DNS:(cp\d)/.exec(subject)?.[1] ?? subject);
    }
    expect([...names].sort()).toEqual(cluster.controlPlanes);
  });
});

tellSeedStories(nginx, cluster, () => nginx.addressOf("lb"));
tellStackedEtcdStories(nginx, cluster);
