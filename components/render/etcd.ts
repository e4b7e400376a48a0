import { minorOf } from "../../config/versions";

/** What one member of an external etcd is told about itself. */
export interface EtcdMember {
  readonly name: string;
  /** Its address in the cluster's network. */
  readonly address: string;
  /** etcd's exact version. */
  readonly version: string;
  readonly quotaMib: number;
  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
}

/** Where the member's certificates and keys lie, and those of the health check. */
export const etcdPkiFolder = "/etc/etcd/pki";

/** A member's settings, which its unit reads. */
export const etcdEnvironmentFile = "/etc/etcd/etcd.env";

/** What founding and joining say for exactly one start, over the settings above; gone after a reboot. */
export const etcdStartFile = "/run/kubeadm-ha/etcd-start.env";

const dataFolder = "/var/lib/etcd";
/** Where a member serves: clients and peers, and its metrics on the loopback. */
export const etcdPorts = { clients: 2379, peers: 2380, metrics: 2381 } as const;

/**
 * The file with a member's settings. By itself it cannot found a cluster: with an empty data directory a member that is to
 * find an `existing` cluster of which it knows nobody but itself does not start (docs/adr/0014).
 */
export function etcdEnvironment(member: EtcdMember): string {
  const { name, address } = member;
  const peer = `https://${address}:${etcdPorts.peers}`;
  const client = `https://${address}:${etcdPorts.clients}`;
  const settings: Record<string, string> = {
    NAME: name,
    DATA_DIR: dataFolder,
    LISTEN_CLIENT_URLS: `${client},https://127.0.0.1:${etcdPorts.clients}`,
    ADVERTISE_CLIENT_URLS: client,
    LISTEN_PEER_URLS: peer,
    INITIAL_ADVERTISE_PEER_URLS: peer,
    LISTEN_METRICS_URLS: `http://127.0.0.1:${etcdPorts.metrics}`,
    INITIAL_CLUSTER: `${name}=${peer}`,
    INITIAL_CLUSTER_STATE: "existing",
    STRICT_RECONFIG_CHECK: "true",
    TRUSTED_CA_FILE: `${etcdPkiFolder}/ca.crt`,
    CERT_FILE: `${etcdPkiFolder}/server.crt`,
    KEY_FILE: `${etcdPkiFolder}/server.key`,
    CLIENT_CERT_AUTH: "true",
    PEER_TRUSTED_CA_FILE: `${etcdPkiFolder}/ca.crt`,
    PEER_CERT_FILE: `${etcdPkiFolder}/peer.crt`,
    PEER_KEY_FILE: `${etcdPkiFolder}/peer.key`,
    PEER_CLIENT_CERT_AUTH: "true",
    TLS_MIN_VERSION: "TLS1.2",
    HEARTBEAT_INTERVAL: String(member.heartbeatIntervalMs),
    ELECTION_TIMEOUT: String(member.electionTimeoutMs),
    QUOTA_BACKEND_BYTES: String(member.quotaMib * 1024 * 1024),
    SNAPSHOT_COUNT: "10000",
    // The API server compacts by itself.
    AUTO_COMPACTION_RETENTION: "0",
    ...settingsOf(member.version),
  };
  const lines = Object.entries(settings).map(([key, value]) => `ETCD_${key}=${value}\n`);
  return `# Written by kubeadm-ha; changes made here are lost at the next \`pulumi up\`.\n${lines.join("")}`;
}

/**
 * As kubeadm sets them for its own etcd: a member compares its data with the others' before it serves, and watches hear
 * often how far they are. 3.6 gave both their lasting names; 3.7 no longer knows the old ones.
 */
function settingsOf(version: string): Record<string, string> {
  return minorOf(version) < 6
    ? {
        EXPERIMENTAL_INITIAL_CORRUPT_CHECK: "true",
        EXPERIMENTAL_WATCH_PROGRESS_NOTIFY_INTERVAL: "5s",
      }
    : { FEATURE_GATES: "InitialCorruptCheck=true", WATCH_PROGRESS_NOTIFY_INTERVAL: "5s" };
}

/** The folder of a release's programs; each release has its own. */
export function etcdFolder(version: string): string {
  return `/opt/etcd/v${version}`;
}

/**
 * etcd's systemd unit.
 *
 * @param unit.service directives of the section `[Service]`, over the product's own.
 */
export function etcdUnit(unit: {
  readonly version: string;
  readonly service: Readonly<Record<string, string>>;
}): string {
  const service = { ...ownService(unit.version), ...unit.service };
  const lines = Object.entries(service).map(([directive, value]) => `${directive}=${value}\n`);
  return `# Written by kubeadm-ha; changes made here are lost at the next \`pulumi up\`.
[Unit]
Description=etcd, the Kubernetes cluster's store
Documentation=https://etcd.io/docs/
Wants=network-online.target
After=network-online.target
# However often it fails: the others may be gone for hours.
StartLimitIntervalSec=0

[Service]
EnvironmentFile=${etcdEnvironmentFile}
# For one start only; written by kubeadm-ha's found-etcd and join-etcd, and not there at any other time.
EnvironmentFile=-${etcdStartFile}
${lines.join("")}
[Install]
WantedBy=multi-user.target
`;
}

function ownService(version: string): Record<string, string> {
  return {
    Type: "notify",
    ExecStart: `${etcdFolder(version)}/etcd`,
    User: "etcd",
    Group: "etcd",
    StateDirectory: "etcd",
    StateDirectoryMode: "0700",
    UMask: "0077",
    // Ready is who has found a leader: without a majority that takes as long as it takes.
    TimeoutStartSec: "infinity",
    Restart: "on-failure",
    RestartSec: "2",
    LimitNOFILE: "65536",
    NoNewPrivileges: "yes",
    CapabilityBoundingSet: "",
    AmbientCapabilities: "",
    ProtectSystem: "strict",
    ProtectHome: "yes",
    ProtectProc: "invisible",
    ProtectClock: "yes",
    ProtectHostname: "yes",
    ProtectControlGroups: "yes",
    ProtectKernelLogs: "yes",
    ProtectKernelModules: "yes",
    ProtectKernelTunables: "yes",
    PrivateTmp: "yes",
    PrivateDevices: "yes",
    RemoveIPC: "yes",
    LockPersonality: "yes",
    MemoryDenyWriteExecute: "yes",
    RestrictAddressFamilies: "AF_INET AF_INET6 AF_UNIX",
    RestrictNamespaces: "yes",
    RestrictRealtime: "yes",
    RestrictSUIDSGID: "yes",
    SystemCallArchitectures: "native",
    SystemCallFilter: "@system-service",
    SystemCallErrorNumber: "EPERM",
  };
}
