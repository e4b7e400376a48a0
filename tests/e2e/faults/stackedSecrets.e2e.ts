import { plantFile } from "../support/secrets/canary";
import { findsOf, misplaced, type Find } from "../support/secrets/hostScan";
import { allowed, keySearch, places, sshKey } from "../support/secrets/keySearch";
import { Secrets } from "../support/secrets/secretScan";
import { stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";

const faults = suite("faults");
const { whole } = stackedCluster(faults);
const controlPlanes = ["cp1", "cp2", "cp3"];
const { ofTheStack, learn, look, holders } = keySearch(faults, [
  "lb",
  ...controlPlanes,
  "w1",
  "w2",
]);
const secrets = new Secrets();
const canary = "/tmp/canary";
let finds: readonly Find[];

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
  await learn(secrets);
  await plantFile(faults, "w2", canary, "644");
  finds = await look(secrets);
});

afterAll(() => faults.outputOf("w2", `rm -f ${canary}`));

describe("on hosts with stacked etcd", () => {
  it("a canary is found", () => {
    expect(places(findsOf(finds, ["the canary's key"]))).toContain(`w2 ${canary} 644 root`);
  });

  it("keys lie in their places only, for their owners alone", () => {
    expect(places(misplaced(findsOf(finds, secrets.names), allowed))).toEqual([]);
  });

  it("control planes have the cluster's keys, etcd's CA among them, and no other host has one", () => {
    const all = ["ca", "front-proxy-ca", "etcd-ca", "service-account", "kubernetes-admin"];
    for (const key of all.map(ofTheStack)) {
      expect([key, holders(finds, key)]).toEqual([key, controlPlanes]);
    }
    for (const key of [sshKey, ofTheStack("kubeadm-ha-joiner")]) {
      expect([key, holders(finds, key)]).toEqual([key, []]);
    }
  });

  it("what kubeadm and a kubelet have made on a host is on that host alone", () => {
    const made = secrets.names.filter((name) => / \//.test(name));
    for (const name of made) {
      expect([name, holders(finds, name)]).toEqual([name, [name.split(" ")[0]]]);
    }
    const etcd = controlPlanes.flatMap((name) =>
      ["server", "peer", "healthcheck-client"].map(
        (key) => `${name} /etc/kubernetes/pki/etcd/${key}.key`,
      ),
    );
    expect(made).toEqual(expect.arrayContaining(etcd));
  });
});
