import { readFileSync, statSync } from "node:fs";
import path from "node:path";

import { nodes } from "../support/cluster/nodes";
import { stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";
import { home, runDocumented, tellRunbooks } from "../support/runbooks/tellRunbooks";

const faults = suite("faults");
const { whole } = stackedCluster(faults);

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

/** Whoever has the file and reaches the endpoint is an administrator; nobody else on the machine may read it. */
async function kubeconfigWorks(): Promise<void> {
  const file = path.join(home, ".kube", "prod.conf");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const names = await faults.outputOf(
    "w1",
    "umask 077; cat > /run/prod.conf && kubectl --kubeconfig /run/prod.conf get nodes -o name; code=$?; rm -f /run/prod.conf; exit $code",
    readFileSync(file, "utf8"),
  );
  expect(names.split("\n")).toHaveLength(5);
}

/** "Add its entry": the lab itself sees to its host key. */
function addTheWorker(): void {
  faults.writeStackFile((stack) => {
    stack.config["kubeadm-ha:workers"].push(faults.hostEntry("w3", 23));
  });
}

/** "To remove one, delete its entry and run the same." */
async function removeTheWorker(): Promise<void> {
  faults.writeStackFile();
  const { code, printed } = await runDocumented(faults, "npm run lab -- up");
  expect([code, printed]).toEqual([0, expect.stringMatching(/w3 thrown away/)]);
  expect([...(await nodes(faults)).keys()]).not.toContain("w3");
}

/** The token of the printed command, and the one that uploading the certificates leaves: they would be valid for a day. */
async function deleteTokens(): Promise<void> {
  const list = "kubeadm token list | awk 'NR > 1 { print $1 }'";
  await faults.outputOf("cp1", `${list} | xargs --no-run-if-empty kubeadm token delete`);
}

tellRunbooks(faults, {
  whole,
  around: {
    Operations: { after: kubeconfigWorks },
    "Adding and removing a worker": {
      before: addTheWorker,
      after: removeTheWorker,
    },
    "Work by hand": { after: deleteTokens },
  },
});
