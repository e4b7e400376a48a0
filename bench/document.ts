import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { checkout } from "../lab/lab";
import { parts, type PartName } from "./parts";
import { pictureFile } from "./parts/bringup";
import { markdownTable, type PartResult } from "./report";

/** Where and when a part was run. */
export interface Circumstances {
  readonly machine: string;
  readonly date: string;
  readonly commit: string;
  /** What else kept the machine busy; empty where nothing did. */
  readonly disturbance: string;
}

const file = path.join(checkout, "docs", "performance.md");

const introduction = `# Performance

Written by \`npm run bench -- --write\`; a part that is run anew replaces its section, and each section says which run it is
of. The absolute times are those of one machine on which all hosts are containers. Compare ratios: both sides of each were
measured in the same run.

\`\`\`sh
npm run bench                        # all parts, about an hour
npm run bench -- bringup             # one: ${Object.keys(parts).join(", ")}
npm run bench -- bringup --write     # also into this file
\`\`\`

It needs what \`npm run lab\` needs, and makes hosts of its own (the stack \`bench\`), which are gone at the end; builds are
not part of any time. Nothing else should run on the machine meanwhile.

- **By hand** is [bench/limit/up.sh](../bench/limit/up.sh): the same packages, images and cluster by plain kubeadm, with all at
  once that can be at once, and without any check. It is frozen: the benchmark holds its hash.
- **Gaps**: a client on a worker begins a write ten times a second through the balancer, each with a new key and a time-out
  of one second; a gap is the longest time between two successes. Where a control plane is hit, it is the one that the client's
  connection leads to, unless it is named. Reboots, and the faults of external etcd and of two balancers, are stories of their
  own: [faults.md](faults.md) has their gaps.
- **Many workers**: hosts that do not exist. Preview dials nobody; for the state's size, \`up\` runs with a plugin that keeps all
  resources and runs nothing.
`;

/** Puts a part's result into docs/performance.md; other parts' sections stay as they are. */
export function writeDocument(
  part: PartName,
  result: PartResult,
  circumstances: Circumstances,
): void {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const sections = new Map(sectionsOf(before));
  sections.set(part, section(part, result, circumstances));
  const all = Object.keys(parts).flatMap((name) => sections.get(name) ?? []);
  writeFileSync(file, [introduction, ...all].join("\n"));
}

const mark = (part: string): string => `<!-- part: ${part} -->`;

function section(part: PartName, result: PartResult, at: Circumstances): string {
  const disturbed = at.disturbance === "" ? "" : ` **Disturbed: ${at.disturbance}.**`;
  const picture =
    part === "bringup"
      ? `\n![What ran when on which host](${path.posix.relative("docs", pictureFile)})\n`
      : "";
  return `${mark(part)}

## ${parts[part].title}

Run of ${at.date}, commit ${at.commit}, on ${at.machine}.${disturbed}

${markdownTable(result)}${picture}${result.remarks ?? ""}`;
}

/** The sections of the document by their parts. */
export function sectionsOf(text: string): [part: string, section: string][] {
  return text.split(/^(?=<!-- part: \w+ -->$)/m).flatMap((piece): [string, string][] => {
    const part = /^<!-- part: (\w+) -->/.exec(piece)?.[1];
    return part === undefined ? [] : [[part, `${piece.trimEnd()}\n`]];
  });
}
