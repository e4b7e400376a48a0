import { allSuites } from "./suites";

/** After all stories: their hosts go, unless `KUBEADM_HA_KEEP=1` wants to look at them. */
export default async function (): Promise<void> {
  if (process.env["KUBEADM_HA_KEEP"] === "1") return;
  for (const suite of allSuites) await suite.removeHosts();
}
