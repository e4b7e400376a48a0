import { removeHosts } from "../../../lab/hosts/fleet";
import { dropState } from "../../../lab/state";
import { lab } from "./stackFile";

/** After all stories: their hosts go, unless `KUBEADM_HA_KEEP=1` wants to look at them. */
export default async function (): Promise<void> {
  if (process.env["KUBEADM_HA_KEEP"] === "1") return;
  await removeHosts(lab, true, () => undefined);
  dropState(lab);
}
