import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import yaml from "js-yaml";

import { openLab, type Lab } from "../../../lab/lab";

/** The stack of the e2e stories: hosts, ports and Pulumi state of its own, beside whatever else the lab runs. */
export const stackName = "e2e";

/** An entry of a host in the stack file. */
interface HostEntry {
  name: string;
  address: string;
  ssh: { host: string; port: number };
  [key: string]: unknown;
}

/** The part of a stack file that stories edit. */
export interface StackFile {
  config: {
    "kubeadm-ha:controlPlanes": HostEntry[];
    "kubeadm-ha:workers": HostEntry[];
    [key: string]: unknown;
  };
}

/** The lab of the e2e stories, with its stack file under `.lab`. */
export const lab: Lab = openLab(
  stackName,
  path.join(".lab", stackName, `Pulumi.${stackName}.yaml`),
);

/**
 * Writes the stories' stack file: the committed `Pulumi.dev.yaml` on addresses and ports of its own, so that the stories
 * prove the very file a newcomer uses.
 *
 * @param edit changes it further, as a user would in an editor.
 */
export function writeStackFile(edit: (stack: StackFile) => void = () => undefined): void {
  const text = readFileSync(path.join(lab.root, "Pulumi.dev.yaml"), "utf8")
    .replaceAll("198.18.0.", "198.18.1.")
    .replace(/\bport: 22(\d\d)\b/g, "port: 23$1")
    .replaceAll(".lab/dev/", `.lab/${stackName}/`);
  const stack = yaml.load(text) as StackFile;
  edit(stack);
  mkdirSync(path.dirname(lab.stackFile), { recursive: true });
  writeFileSync(lab.stackFile, yaml.dump(stack, { noRefs: true, lineWidth: -1 }));
}

/** A third worker, which the stories add to the cluster. */
export function withThirdWorker(stack: StackFile): void {
  stack.config["kubeadm-ha:workers"].push({
    name: "w3",
    address: "198.18.1.23",
    ssh: { host: "127.0.0.1", port: 2323 },
    labels: { "example.com/disk": "ssd" },
  });
}
