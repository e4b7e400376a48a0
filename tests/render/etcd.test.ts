import {
  etcdEnvironment,
  etcdEnvironmentFile,
  etcdStartFile,
  etcdUnit,
  type EtcdMember,
} from "../../components/render/etcd";
import { testGoldens } from "../support/golden";

const member: EtcdMember = {
  name: "etcd2",
  address: "192.168.1.32",
  version: "3.7.3",
  quotaMib: 8192,
  heartbeatIntervalMs: 100,
  electionTimeoutMs: 1000,
};

testGoldens("etcd", {
  "member-3.5.35.env": () => etcdEnvironment({ ...member, version: "3.5.35" }),
  "member-3.6.16.env": () => etcdEnvironment({ ...member, version: "3.6.16" }),
  "member-3.7.3.env": () => etcdEnvironment(member),
  "etcd.service": () => etcdUnit({ version: "3.7.3", service: {} }),
  "etcd-lab.service": () => etcdUnit({ version: "3.7.3", service: { LimitNOFILE: "20000" } }),
});

describe("a member's settings", () => {
  it("can never found a cluster: that takes a word of found-etcd's", () => {
    expect(etcdEnvironment(member)).toContain("\nETCD_INITIAL_CLUSTER_STATE=existing\n");
    expect(etcdEnvironment(member)).not.toContain("new");
  });

  it("follow the stack file", () => {
    const text = etcdEnvironment({
      ...member,
      quotaMib: 4096,
      heartbeatIntervalMs: 250,
      electionTimeoutMs: 2500,
    });
    expect(text).toContain("\nETCD_QUOTA_BACKEND_BYTES=4294967296\n");
    expect(text).toContain("\nETCD_HEARTBEAT_INTERVAL=250\n");
    expect(text).toContain("\nETCD_ELECTION_TIMEOUT=2500\n");
  });

  it("are the same for each patch of a minor version, so that a new one changes the unit only", () => {
    expect(etcdEnvironment({ ...member, version: "3.7.4" })).toBe(etcdEnvironment(member));
  });
});

describe("the unit", () => {
  it("takes the stack file's directives over its own, and further ones", () => {
    const text = etcdUnit({
      version: "3.7.3",
      service: { LimitNOFILE: "20000", CPUWeight: "500" },
    });
    expect(text).toContain("\nLimitNOFILE=20000\n");
    expect(text).not.toContain("65536");
    expect(text.split("[Install]")[0]).toContain("\nCPUWeight=500\n");
  });

  it("reads the words for one start last, and does without them", () => {
    const files = etcdUnit({ version: "3.7.3", service: {} })
      .split("\n")
      .filter((line) => line.startsWith("EnvironmentFile="));
    expect(files).toEqual([
      `EnvironmentFile=${etcdEnvironmentFile}`,
      `EnvironmentFile=-${etcdStartFile}`,
    ]);
  });
});
