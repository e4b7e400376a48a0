import type { Result } from "../../../../lab/process";
import { refusedUp } from "../messages/refusal";
import { toldOf } from "../messages/told";
import { runbooks, type Runbook } from "../runbooks/decidedRunbooks";
import { follow } from "../runbooks/tellRunbooks";
import type { Edit } from "../suite/stackFile";
import type { Suite } from "../suite/suite";

/** What etcd says to whoever writes while it is out of space. */
const full = "etcdserver: mvcc: database space exceeded";

/** The label that {@link withLabel} gives to a Node. */
export const label = "example.com/written";

/** Something to write: a label of the first worker's Node. */
export const withLabel: Edit = (stack) => {
  const [worker] = stack.config["kubeadm-ha:workers"];
  if (worker !== undefined) worker["labels"] = { [label]: "yes" };
};

/** Where the filling lies: beside Kubernetes' own keys, where the runbooks look, but where no API server watches. */
const filling = "/registry/e2e-filling/";

/** The names of what the stories write as clients of the API. */
const configMaps = {
  before: "before-the-alarm",
  deleted: "to-be-deleted",
  late: "with-room-again",
};

/** How a member of the etcd that is filled is reached, and where the document says how it gets its space back. */
export interface FilledEtcd {
  /** The host that `etcdctl` runs on. */
  readonly on: string;
  /** etcdctl with its flags; it has to get what the command reads on standard input. */
  readonly etcdctl: string;
  /** The heading of docs/operations.md. Below it stand two blocks: to look, and to give the space back. */
  readonly heading: string;
}

/** What the stories do with an etcd that has too little space, and what they expect of it. */
export interface EtcdSpace {
  /** Runs etcdctl on the member. @returns what it printed. @throws when it fails. */
  readonly etcdctl: (args: string) => Promise<string>;
  /** Puts a megabyte after the other until etcd refuses one. @returns how many it took. */
  readonly fill: () => Promise<number>;
  /**
   * Fills etcd, and expects the alarm: clients' writes are refused, their reads and deletions go on.
   *
   * @param least how many megabytes it has to take before that.
   */
  readonly expectFull: (least: number) => Promise<void>;
  /** Expects clients' writes to be refused for want of space. */
  readonly expectRefused: () => Promise<void>;
  /** Expects `pulumi up` to end, and to lead to the runbook: for a stack file with {@link withLabel}. */
  readonly expectRunRefused: () => Promise<void>;
  /**
   * Follows the runbook: its commands show the alarm and the filling, which is deleted, and take the alarm away. What clients
   * wrote before {@link expectFull} is still there.
   *
   * @returns what its first block showed.
   */
  readonly expectFreed: () => Promise<string>;
  /** Expects clients' writes to be taken. */
  readonly expectWritable: () => Promise<void>;
  /** Takes away what a story that failed has left, which would keep the next one from its work. */
  readonly makeSpace: () => Promise<void>;
}

/** The etcd of a suite's cluster, for the stories that fill it. */
export function etcdSpace(suite: Suite, { on, etcdctl: command, heading }: FilledEtcd): EtcdSpace {
  const etcdctl: EtcdSpace["etcdctl"] = (args) =>
    suite.outputOf(on, `timeout 60 ${command} ${args}`);
  const alarms = (): Promise<string> => etcdctl("alarm list");
  const deleteFilling = (): Promise<string> => etcdctl(`del --prefix ${filling}`);
  const configMap = (verb: "create" | "get" | "delete", name: string): Promise<Result> =>
    suite.onHost(
      "cp1",
      `kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=20s ${verb} configmap ${name}`,
    );

  async function fill(): Promise<number> {
    const script = `head -c 786000 /dev/urandom | base64 -w0 > /run/filling
      for i in {1..400}; do
        timeout 60 ${command} put ${filling}$i < /run/filling > /run/filled 2>&1 && continue
        rm -f /run/filling
        grep -qF '${full}' /run/filled || { cat /run/filled >&2; exit 1; }
        echo $((i - 1)); exit 0
      done
      echo "etcd takes more than its quota" >&2; exit 1`;
    const result = await suite.onHost(on, script, { timeout: 600 });
    if (result.code !== 0) throw new Error(`${on}: filling etcd failed:\n${result.stderr}`);
    return Number(result.stdout);
  }

  async function expectRefused(): Promise<void> {
    const { code, stderr } = await configMap("create", configMaps.late);
    expect([code, stderr]).toEqual([1, expect.stringContaining(full)]);
  }

  return {
    etcdctl,
    fill,
    expectRefused,

    async expectFull(least) {
      for (const name of [configMaps.before, configMaps.deleted]) {
        expect(await configMap("create", name)).toMatchObject({ code: 0 });
      }
      const count = await fill();
      console.log(`etcd of ${suite.lab.stack} took ${count} values of a megabyte`);
      expect(count).toBeGreaterThan(least);
      expect(await alarms()).toContain("alarm:NOSPACE");
      await expectRefused();
      expect(await configMap("get", configMaps.before)).toMatchObject({ code: 0 });
      expect(await configMap("delete", configMaps.deleted)).toMatchObject({ code: 0 });
    },

    async expectRunRefused() {
      const output = await refusedUp(suite, "a label, and no space in etcd");
      expect(output).toContain(full);
      const { step, remedy } = toldOf(output, "cp1");
      expect(step).toBe("roster");
      expect(remedy).toMatch(/alarm NOSPACE\): follow "No space left" in docs\/operations\.md/);
    },

    async expectFreed() {
      const { look, free } = runbookBelow(heading);
      const seen = await follow(suite, look);
      expect(seen).toContain("alarm:NOSPACE");
      expect(seen).toMatch(/^ *\d+ e2e-filling$/m);
      await deleteFilling();
      const begin = performance.now();
      await follow(suite, free);
      console.log(`the runbook's commands: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      expect(await alarms()).toBe("");
      expect(await configMap("delete", configMaps.before)).toMatchObject({ code: 0 });
      return seen;
    },

    async expectWritable() {
      expect(await configMap("create", configMaps.late)).toMatchObject({ code: 0 });
      expect(await configMap("delete", configMaps.late)).toMatchObject({ code: 0 });
    },

    async makeSpace() {
      const deleted = await deleteFilling();
      if (deleted !== "0" || (await alarms()) !== "") {
        await follow(suite, runbookBelow(heading).free);
      }
      const names = Object.values(configMaps).join(" ");
      await suite.kubectl(`delete configmap ${names} --ignore-not-found`);
    },
  };
}

/** The two blocks of a runbook: what one looks at, and what gives the space back. */
function runbookBelow(heading: string): { readonly look: Runbook; readonly free: Runbook } {
  const [look, free, ...more] = runbooks().filter((one) => one.heading === heading);
  if (look === undefined || free === undefined || more.length > 0) {
    throw new Error(`below "${heading}" do not stand two blocks`);
  }
  return { look, free };
}
