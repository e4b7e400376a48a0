import {
  badEtcdRelease,
  defaultEtcdVersion,
  etcdChecksums,
  lowestEtcdVersion,
  parseChecksums,
} from "../../config/etcdReleases";
import { isOlder, minorOf, supportedMinors } from "../../config/versions";

const minors = Array.from(
  { length: supportedMinors.highest - supportedMinors.lowest + 1 },
  (_, i) => supportedMinors.lowest + i,
);

describe("the default release", () => {
  it.each(minors)(
    "that goes with 1.%i is one its kubeadm takes and nothing is known against",
    (minor) => {
      // The highest patch of a minor asks for the most.
      const kubernetes = `1.${minor}.99`;
      const version = defaultEtcdVersion(kubernetes);
      expect(isOlder(version, lowestEtcdVersion(kubernetes))).toBe(false);
      expect(badEtcdRelease(version)).toBeUndefined();
    },
  );

  it.each([
    ["1.30.14", 5],
    ["1.33.0", 5],
    ["1.34.4", 6],
    ["1.36.3", 6],
    ["1.37.2", 7],
  ])("of Kubernetes %s is 3.%i", (kubernetes, minor) => {
    expect(minorOf(defaultEtcdVersion(kubernetes))).toBe(minor);
  });
});

describe("the oldest release", () => {
  it.each([
    ["1.30.14", "3.5.0"],
    ["1.31.0", "3.5.11"],
    ["1.31.13", "3.5.11"],
    ["1.31.14", "3.5.24"],
    ["1.32.9", "3.5.11"],
    ["1.32.10", "3.5.24"],
    ["1.33.5", "3.5.11"],
    ["1.33.6", "3.5.24"],
    ["1.34.0", "3.5.21"],
    ["1.34.1", "3.5.21"],
    ["1.34.2", "3.5.24"],
    ["1.35.4", "3.5.24"],
    ["1.37.2", "3.5.24"],
  ])("that kubeadm %s takes is %s, as its sources say", (kubernetes, etcd) => {
    expect(lowestEtcdVersion(kubernetes)).toBe(etcd);
  });
});

describe("a bad release", () => {
  it.each([
    ["3.5.0", "issue 13766"],
    ["3.5.2", "issue 13766"],
    ["3.5.3", "defragments"],
    ["3.5.5", "defragments"],
    ["3.6.0", "issue 20340"],
    ["3.6.3", "issue 20340"],
  ])("%s is known with the reason", (version, reason) => {
    expect(badEtcdRelease(version)).toContain(reason);
  });

  it.each(["3.5.6", "3.5.9", "3.5.24", "3.6.4", "3.6.16", "3.7.0", "3.7.3"])(
    "%s is none",
    (version) => {
      expect(badEtcdRelease(version)).toBeUndefined();
    },
  );
});

describe("checksums", () => {
  const sum = (digit: string): string => digit.repeat(64);
  const text = [
    `${sum("1")}  etcd-v3.7.3-darwin-amd64.zip`,
    `${sum("2")}  etcd-v3.7.3-linux-amd64.tar.gz`,
    `${sum("A")} *etcd-v3.7.3-linux-arm64.tar.gz`,
    `${sum("4")}  etcd-v3.7.30-linux-amd64.tar.gz`,
    `${sum("5")}  etcd-v3.7.3-linux-s390x.tar.gz`,
    "",
  ].join("\n");

  it("are read for both architectures, in lower case", () => {
    expect(parseChecksums(text, "3.7.3")).toEqual({ amd64: sum("2"), arm64: sum("a") });
  });

  it("of a release or an architecture that is not in the file are missing, not wrong", () => {
    expect(parseChecksums(text, "3.7.30")).toEqual({ amd64: sum("4") });
    expect(parseChecksums(text, "3.6.16")).toEqual({});
  });

  it.each([
    ["a sum that is too short", `${"2".repeat(63)}  etcd-v3.7.3-linux-amd64.tar.gz`],
    ["a sum with another digit", `${"g".repeat(64)}  etcd-v3.7.3-linux-amd64.tar.gz`],
    ["a name in a folder", `${sum("2")}  other/etcd-v3.7.3-linux-amd64.tar.gz`],
    ["a page instead of a file", "<html>etcd-v3.7.3-linux-amd64.tar.gz</html>"],
  ])("are not taken from %s", (_, line) => {
    expect(parseChecksums(line, "3.7.3")).toEqual({});
  });
});

it("no release's checksums are known by heart: the file that etcd publishes is asked for", () => {
  for (const minor of minors)
    expect(etcdChecksums(defaultEtcdVersion(`1.${minor}.0`))).toBeUndefined();
});
