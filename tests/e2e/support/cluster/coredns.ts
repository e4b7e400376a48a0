import { eventually } from "../eventually";
import type { Suite } from "../suite/suite";

/** Waits until CoreDNS stays where it is: `roster` spreads it when nodes have joined, and does not wait for the end. */
export async function expectSpreadEnded(suite: Suite, on = "cp1"): Promise<void> {
  const coredns = "--namespace kube-system rollout status deployment/coredns --timeout=120s";
  await suite.kubectl(coredns, { on });
  // Those of before may still be ending.
  await eventually(60, async () => {
    const pods = "get pods --namespace kube-system --selector k8s-app=kube-dns";
    const ending = "-o jsonpath='{.items[*].metadata.deletionTimestamp}'";
    expect(await suite.kubectl(`${pods} ${ending}`, { on })).toBe("");
  });
}
