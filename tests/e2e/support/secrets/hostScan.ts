import { readFileSync } from "node:fs";
import path from "node:path";

import type { Secret } from "./secretForms";
import { betrayed } from "./secretScan";
import type { Suite } from "../suite/suite";

/** Where secrets lie on a host. */
export interface Find {
  readonly host: string;
  /** A file's path, or "journal". */
  readonly place: string;
  /** The file's mode in octal digits, such as "600"; empty for the journal. */
  readonly mode: string;
  /** The file's owner; empty for the journal. */
  readonly owner: string;
  /** The names of the secrets. */
  readonly secrets: readonly string[];
}

const script = readFileSync(path.join(__dirname, "hostScan.sh"), "utf8");

/** How long a host may take to be looked through, in seconds. */
const patience = 240;

/**
 * Looks for secrets in all files of hosts and in their journals.
 *
 * @throws Error when a host was not looked through: nothing would then have been found there.
 */
export async function scanHosts(
  suite: Suite,
  hosts: readonly string[],
  secrets: readonly Secret[],
): Promise<readonly Find[]> {
  const found = await Promise.all(hosts.map((host) => scanHost(suite, host, secrets)));
  return found.flat();
}

async function scanHost(
  suite: Suite,
  host: string,
  secrets: readonly Secret[],
): Promise<readonly Find[]> {
  const needles = secrets.flatMap((secret) => secret.needles).join("\n");
  const input = Buffer.from(needles, "latin1").toString("base64");
  const { code, stdout, stderr } = await suite.onHost(host, script, { input, timeout: patience });
  if (code !== 0) throw new Error(`${host} was not looked through: ${stderr}`);
  const places = new Map<string, string>();
  for (const line of Buffer.from(stdout, "base64").toString("latin1").split("\n")) {
    const [place = "", text = ""] = line.split("\0");
    if (place !== "") places.set(place, `${places.get(place) ?? ""}${text}\n`);
  }
  const looked = Number(places.get("looked"));
  if (!(looked > 1000)) throw new Error(`${host}: only ${looked} files were looked at`);
  places.delete("looked");
  const modes = await modesOf(
    suite,
    host,
    [...places.keys()].filter((place) => place.startsWith("/")),
  );
  return [...places].map(([place, text]) => ({
    host,
    place,
    ...(modes.get(place) ?? { mode: "", owner: "" }),
    secrets: betrayed(text, secrets),
  }));
}

/** The mode and the owner of each file. */
async function modesOf(
  suite: Suite,
  host: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, Pick<Find, "mode" | "owner">>> {
  const told = await suite.outputOf(
    host,
    "xargs -0 --no-run-if-empty stat --format '%a %U %n' --",
    files.join("\0"),
  );
  return new Map(
    told.split("\n").map((line) => {
      const [mode = "", owner = "", ...name] = line.split(" ");
      return [name.join(" "), { mode, owner }];
    }),
  );
}

/** A place where a secret may lie on a host: files whose paths match, of that owner and of mode 0600. */
export interface Allowed {
  readonly path: RegExp;
  readonly owner: string;
}

/** The finds that are in no allowed place, or in one with another owner or mode. */
export function misplaced(finds: readonly Find[], allowed: readonly Allowed[]): readonly Find[] {
  return finds.filter(
    ({ place, mode, owner }) =>
      !allowed.some((one) => one.path.test(place) && one.owner === owner && mode === "600"),
  );
}

/** The finds of some secrets only. */
export function findsOf(finds: readonly Find[], names: readonly string[]): readonly Find[] {
  return finds.flatMap((find) => {
    const secrets = find.secrets.filter((name) => names.includes(name));
    return secrets.length === 0 ? [] : [{ ...find, secrets }];
  });
}

/** Files on a host that hold private keys of whomever, with their texts: what kubeadm and the kubelet have made, too. */
export async function keyFilesOf(suite: Suite, host: string): Promise<ReadonlyMap<string, string>> {
  const folders = "/etc/kubernetes /etc/etcd /var/lib/kubelet/pki /var/lib/kubeadm-ha /root /home";
  const told = await suite.outputOf(
    host,
    `grep -rlsaE 'PRIVATE KEY|client-key-data' ${folders} | while IFS= read -r file; do printf '==> %s\\n' "$file"; cat "$file"; done`,
  );
  const files = told.split(/^==> /m).slice(1);
  return new Map(
    files.map((text) => [text.slice(0, text.indexOf("\n")), text.slice(text.indexOf("\n"))]),
  );
}
