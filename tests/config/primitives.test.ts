import fc from "fast-check";

import {
  addressIn,
  addressNumber,
  cidr,
  dnsLabel,
  dnsName,
  hostOrAddress,
  httpUrl,
  labelKey,
  labelValue,
  linuxUser,
  localPath,
  networkRange,
} from "../../config/primitives";

interface Schema {
  safeParse(input: unknown): { success: boolean };
}

const longest = "a".repeat(63);
const cases: Record<string, { schema: Schema; good: string[]; bad: string[] }> = {
  dnsLabel: {
    schema: dnsLabel,
    good: ["a", "cp-1", "1a", longest],
    bad: ["", "-a", "a-", "A", "a.b", "a_b", "a b", "a\n", `${longest}a`],
  },
  dnsName: {
    schema: dnsName,
    good: ["localhost", "api.example.com", "1.example", `${longest}.example`],
    bad: [
      "",
      ".a",
      "a.",
      "a..b",
      "A.b",
      "a.b\n",
      "10.0.0.300",
      "1",
      "*.a",
      `${longest}a.b`,
      "a.".repeat(126) + "ab",
    ],
  },
  hostOrAddress: {
    schema: hostOrAddress,
    good: ["10.0.0.1", "api.example.com"],
    bad: ["10.0.0", "10.0.0.256", "::1", "http://a", "a:22", "a/b"],
  },
  cidr: {
    schema: cidr,
    good: ["10.244.0.0/16", "0.0.0.0/0", "10.0.0.1/32"],
    bad: ["10.244.0.0", "10.244.0.1/16", "10.244.0.0/33", "fd00::/64"],
  },
  httpUrl: {
    schema: httpUrl,
    good: ["http://10.0.0.1:5000", "https://mirror.example.com/apt/debian/", "https://a/b:c/~d"],
    bad: [
      "ftp://a",
      "http://",
      "http://u:p@a",
      "http://a?b",
      "http://a#b",
      "http://a b",
      "http://a/'",
      "http://a\n",
    ],
  },
  localPath: {
    schema: localPath,
    good: ["~/.ssh/id_ed25519", "/a b/c", ".lab/dev/key"],
    bad: ["", "a\0b", "a\nb", "a\u007f"],
  },
  labelKey: {
    schema: labelKey,
    good: ["disk", "example.com/disk", "a_b.c-d", longest],
    bad: ["", "/a", "a/", "a/b/c", "A.b/c", "a b", "a=b", "a:b", "a,b", "-a", `${longest}a`],
  },
  labelValue: {
    schema: labelValue,
    good: ["", "ssd", "A_b.c-9", longest],
    bad: ["-", "a b", "a,b", "a=b", "a:b", "a\n", `${longest}a`],
  },
  linuxUser: {
    schema: linuxUser,
    good: ["root", "admin", "_svc-1"],
    bad: ["", "-a", "Admin", "a b", "a;b", "1a", "a\n", "a".repeat(33)],
  },
};

describe.each(Object.entries(cases))("%s", (_, { schema, good, bad }) => {
  it.each(good.map((text) => [text]))("takes %j", (text) => {
    expect(schema.safeParse(text).success).toBe(true);
  });
  it.each(bad.map((text) => [text]))("refuses %j", (text) => {
    expect(schema.safeParse(text).success).toBe(false);
  });
});

it("takes a slash off the end of an address", () => {
  expect(httpUrl.parse("http://a/apt//")).toBe("http://a/apt");
});

describe("networks", () => {
  it("are ranges of addresses", () => {
    expect(networkRange("10.0.4.0/22").map((n) => n - addressNumber("10.0.0.0"))).toEqual([
      1024, 2047,
    ]);
    expect(networkRange("0.0.0.0/0")).toEqual([0, 2 ** 32 - 1]);
    expect(networkRange("255.255.255.255/32")).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
  });

  it("have a DNS address that kubeadm would take too: the tenth", () => {
    expect(addressIn("10.96.0.0/12", 10)).toBe("10.96.0.10");
    expect(addressIn("192.168.255.248/29", 10)).toBe("192.169.0.2");
  });

  it("hold each of their addresses, and no more than their size", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, bits) => {
        const [first, last] = networkRange(`${address}/${bits}`);
        const number = addressNumber(address);
        expect(last - first + 1).toBe(2 ** (32 - bits));
        expect(first <= number && number <= last).toBe(true);
        expect(addressIn(`${address}/${bits}`, number - first)).toBe(address);
      }),
    );
  });
});
