import { eventually } from "../support/eventually";
import { balancers, externalCluster } from "../support/suite/external";
import { suite } from "../support/suite/suites";
import { tellRunbooks } from "../support/runbooks/tellRunbooks";

const faults = suite("externalFaults");
const { holder, whole } = externalCluster(faults, "198.18.28.9");

const [first = "", second = ""] = balancers;

/** The document speaks of `lb1` as the one that has the virtual IP. */
async function giveToFirst(): Promise<void> {
  if ((await holder()) === first) return;
  await faults.outputOf(second, "systemctl stop keepalived");
  await eventually(30, async () => {
    if ((await holder()) !== first) throw new Error(`${first} does not take the virtual IP`);
  });
  await faults.outputOf(second, "systemctl start keepalived");
}

/** Whose etcd's certificates and keys are, and who may read them. */
const ownersOfPki = (): Promise<string> =>
  faults.outputOf("etcd1", "stat --format '%n %a %U' /etc/etcd/pki/*");
let owners = "";

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

tellRunbooks(faults, {
  whole,
  around: {
    "Testing high availability": {
      before: giveToFirst,
      after: async () => expect(await holder()).toBe(second),
    },
    Balancers: {
      before: giveToFirst,
      after: async ({ commands }) => {
        const isMoved = commands.some(({ text }) => text.includes("stop keepalived"));
        expect(await holder()).toBe(isMoved ? second : first);
      },
    },
    Certificates: {
      before: async () => {
        owners = await ownersOfPki();
        expect(owners).toContain("server.crt 644 etcd");
      },
      after: async () => expect(await ownersOfPki()).toBe(owners),
    },
    Snapshots: { after: () => faults.outputOf("etcd1", "rm /root/etcd-*.db") },
  },
});
