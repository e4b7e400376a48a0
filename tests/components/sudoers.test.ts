import { plan, type Plan } from "../support/product";
import type { Registration } from "../support/registrations";
import { agent, stackFile } from "../support/stackFile";
import { documentedSudoCommands, documentedSudoersRule } from "../support/sudoersRule";

/** Stacks that have, between them, every kind of host in every topology. */
const shapes = [{}, { etcd: 3, kind: "nginx" }, { balancers: 2, virtualIp: true }] as const;

/** What a Command has sudo run as root, sudo's own options left out; one starts a shell first, in which it stands. */
function commandOf({ inputs }: Registration): string {
  const told = [inputs["create"] ?? inputs["delete"], inputs["stdin"]].map(String);
  const found = told.flatMap((text) => /sudo -n (timeout -k \d+ \d+ [a-z/ -]+)/.exec(text) ?? []);
  return `/usr/bin/${found[1] ?? "nothing"}`;
}

it("the documented sudo rule lets run exactly what the product runs", async () => {
  const plans: Plan[] = [];
  for (const shape of shapes) plans.push(await plan(stackFile(shape, agent)));
  const run = plans.flatMap(({ commands }) => [...commands.values()].map(commandOf));
  expect([...documentedSudoCommands()].sort()).toEqual([...new Set(run)].sort());
});

it("it lets one user run them, as root only", () => {
  const [last, ...rest] = documentedSudoersRule().trim().split("\n").reverse();
  expect(last).toBe("admin ALL=(root) NOPASSWD: KUBEADM_HA");
  expect(rest.filter((line) => /ALL|\*/.test(line))).toEqual([]);
});
