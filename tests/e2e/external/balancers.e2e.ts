import { external, holder, holders, whole } from "../support/suite/external";
import type { Edit } from "../support/suite/stackFile";
import { eventually } from "../support/eventually";
import { upWhileWriting } from "../support/writes/upWhileWriting";

const useNginx: Edit = (stack) => {
  stack.config["kubeadm-ha:loadBalancer"].kind = "nginx";
};

const withoutSecond: Edit = (stack) => {
  const balancer = stack.config["kubeadm-ha:loadBalancer"];
  balancer.hosts = balancer.hosts?.slice(0, 1) ?? [];
};

beforeAll(async () => {
  await external.ensureCluster();
  await whole();
});

afterAll(async () => {
  await external.ensureCluster();
  await whole();
});

/** An edit of the stack file is brought to the balancers while a client writes through the virtual IP. */
async function editWhileWriting(what: string, edit?: Edit): Promise<void> {
  external.writeStackFile(edit);
  await external.addHosts();
  const run = await upWhileWriting(external, what, 50);
  // Only balancers were touched: no node, and not etcd.
  const others = run.changed.filter((line) => / (etcd\d|cp\d|w1)-/.test(line));
  expect(others).toEqual([]);
}

/** Which of the two runs on a balancer. */
function running(host: string): Promise<string> {
  return external.outputOf(host, "ps -eo comm= | grep -E '^(haproxy|nginx)$' | sort -u");
}

describe("balancers, by editing the stack file while a client writes", () => {
  it("HAProxy gives way to nginx, one host after the other", async () => {
    await editWhileWriting("HAProxy to nginx", useNginx);
    for (const host of ["lb1", "lb2"]) expect(await running(host)).toBe("nginx");
    await eventually(30, holder);
    const log = await external.outputOf(await holder(), "cat /var/log/nginx/kubernetes.log");
    for (const name of ["cp1", "cp2"]) expect(log).toContain(external.addressOf(name));
  });

  it("and nginx to HAProxy", async () => {
    await editWhileWriting("nginx to HAProxy");
    for (const host of ["lb1", "lb2"]) expect(await running(host)).toBe("haproxy");
    await whole();
  });

  it("the second balancer leaves, and the virtual IP stays reachable", async () => {
    await editWhileWriting("the second balancer removed", withoutSecond);
    await external.removeSurplus();
    expect(await holders(["lb1"])).toEqual(["lb1"]);
    expect((await external.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("a second one comes to a stack with one and a virtual IP", async () => {
    await editWhileWriting("a second balancer added");
    expect(await holders()).toEqual(["lb1"]);
    await whole();
  });
});
