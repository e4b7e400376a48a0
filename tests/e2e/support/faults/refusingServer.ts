import { readFileSync } from "node:fs";
import path from "node:path";

import { eventually } from "../eventually";
import type { Suite } from "../suite/suite";

const script = readFileSync(path.join(__dirname, "refuse.sh"), "utf8");
const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const away = "/run/refuse/kube-apiserver.yaml";
const pki = "/etc/kubernetes/pki/apiserver";

/**
 * Puts in the place of a control plane's API server what it is in its first moments, for as long as one likes: it accepts
 * connections, with its certificate, and knows nobody's rights yet, so that it refuses every request.
 */
export async function refuse(suite: Suite, host: string): Promise<void> {
  await suite.outputOf(
    host,
    "install -d /run/refuse && cat >/run/refuse/refuse.sh && : >/run/refuse/log",
    script,
  );
  await suite.outputOf(host, `mv ${manifest} ${away}`);
  await eventually(60, () => suite.outputOf(host, "! pgrep -x kube-apiserver"));
  const listen = `OPENSSL-LISTEN:6443,fork,reuseaddr,verify=0,cert=${pki}.crt,key=${pki}.key`;
  await suite.outputOf(
    host,
    `systemd-run -q --unit refuse --collect socat ${listen} EXEC:'bash /run/refuse/refuse.sh'`,
  );
}

/**
 * Lets the API server begin that was there before; harmless where none refuses.
 *
 * @returns the requests that were refused: method and path.
 */
export async function refuseNoMore(suite: Suite, host: string): Promise<readonly string[]> {
  const log = await suite.outputOf(
    host,
    `systemctl stop refuse 2>/dev/null
[[ ! -e ${away} ]] || mv ${away} ${manifest} || exit 1
[[ ! -e /run/refuse ]] || { cat /run/refuse/log; rm -r /run/refuse; }`,
  );
  return log.split("\n").filter((line) => line !== "");
}
