import { keepalivedConfig, type KeepalivedSettings } from "../../components/render/keepalived";
import { testGoldens } from "../support/golden";
import { hosts } from "../support/stackFile";

/** The configuration of each of a number of balancers. */
function configs(count: number, more: Partial<KeepalivedSettings> = {}): string[] {
  const balancers = hosts("lb", count, 10);
  return balancers.map((own, position) =>
    keepalivedConfig({
      routerId: 51,
      advertIntervalMs: 250,
      virtualIp: "192.168.1.10",
      own,
      peers: balancers.filter((host) => host !== own),
      position,
      balancerCount: count,
      ...more,
    }),
  );
}

testGoldens("keepalived", {
  "one-balancer.conf": () => configs(1)[0] ?? "",
  "first-of-two.conf": () => configs(2)[0] ?? "",
  "second-of-two.conf": () => configs(2)[1] ?? "",
  "third-of-three.conf": () => configs(3, { routerId: 7, advertIntervalMs: 10 })[2] ?? "",
});

/** The addresses in `unicast_peer`. */
function peers(config = ""): string[] {
  const block = /unicast_peer \{([^}]*)\}/.exec(config)?.[1] ?? "";
  return block.match(/^ +\d[\d.]+$/gm)?.map((line) => line.trim()) ?? [];
}

const number = (config: string, key: string): number =>
  Number(new RegExp(`^ +${key} ([\\d.]+)$`, "m").exec(config)?.[1]);

it("speaks to the other balancers only, and to itself where there is none: never to everyone", () => {
  expect(configs(3).map(peers)).toEqual([
    ["192.168.1.12", "192.168.1.13"],
    ["192.168.1.11", "192.168.1.13"],
    ["192.168.1.11", "192.168.1.12"],
  ]);
  expect(configs(1).map(peers)).toEqual([["192.168.1.11"]]);
});

it.each([2, 19, 60])(
  "gives each of %d balancers a priority of its own that VRRP knows",
  (count) => {
    const priorities = configs(count).map((config) => number(config, "priority"));
    expect(new Set(priorities).size).toBe(count);
    expect(Math.min(...priorities)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...priorities)).toBeLessThanOrEqual(254);
  },
);

it.each([
  [10, 0.01],
  [250, 0.25],
  [1000, 1],
])("advertises every %d ms, by VRRP 3, whose unit is a hundredth of a second", (ms, seconds) => {
  const [config = ""] = configs(2, { advertIntervalMs: ms });
  expect(number(config, "advert_int")).toBe(seconds);
  expect(number(config, "vrrp_version")).toBe(3);
});

it("lets nobody take the address back: all are born as backups, without preemption", () => {
  for (const config of configs(2)) {
    expect(config).toMatch(/^ +state BACKUP$/m);
    expect(config).toMatch(/^ +nopreempt$/m);
  }
});
