/**
 * The parameters of every step: the `: "${NAME:?}"` contract of `components/scripts/steps/<step>.sh` in TypeScript. A test
 * holds the two together.
 */
export interface StepParameters {
  preflight: {
    HOST_NAME: string;
    ADDRESS: string;
    ROLE: Role;
    CLUSTER_ID: string;
    GENERATION: string;
    /** TCP ports that must be free, separated by blanks. */
    PORTS: string;
    MINIMUM_CPUS: string;
    MINIMUM_MEMORY_MIB: string;
    MINIMUM_DISK_MIB: string;
    /** `address port` of the API's endpoint; empty where nobody would answer. */
    REACH: string;
    /**
     * What lies between hosts, `kind value host` a line: an identity that must be another than that host's, or `peer` and an
     * address that there must be a route to. At the first look, before the gate compares, a virtual IP only.
     */
    DOUBTS: string;
  };
  "prepare-balancer": PrepareBaseParameters & {
    PACKAGES: string;
    /** Services that must not start at their packages' installation, separated by blanks. */
    SERVICES: string;
  };
  "prepare-etcd": PrepareBaseParameters & {
    PACKAGES: string;
    ETCD_VERSION: string;
    /** Where `v<version>/etcd-v<version>-linux-<arch>.tar.gz` is. */
    ETCD_SOURCE: string;
    /** SHA-256 of the archive of an architecture; empty where it is not known. */
    SHA256_AMD64: string;
    SHA256_ARM64: string;
  };
  "prepare-node": PrepareBaseParameters & {
    KUBERNETES_VERSION: string;
    PACKAGES: string;
    CONTAINERD_PACKAGE: string;
    CONTAINERD_CONFIG: string;
    /** `hosts.toml` for all registries; empty without a mirror. */
    REGISTRY_MIRROR: string;
    /** Further images to pull ahead, one a line. */
    IMAGES: string;
    /** Which of kubeadm's images this role runs, as alternatives of an extended regular expression. */
    KUBEADM_IMAGES: string;
  };
  teardown: { HOST_NAME: string; ROLE: Role; CLUSTER_ID: string; LOGIN_USER: string };
  "trust-control-plane": {
    HOST_NAME: string;
    GENERATION: string;
    CA_CERTIFICATE: string;
    CA_KEY: string;
    FRONT_PROXY_CA_CERTIFICATE: string;
    FRONT_PROXY_CA_KEY: string;
    ETCD_CA_CERTIFICATE: string;
    /** Empty with external etcd: no control plane may issue its certificates. */
    ETCD_CA_KEY: string;
    /** How API servers log in to an external etcd; empty with stacked etcd, where kubeadm issues it. */
    ETCD_CLIENT_CERTIFICATE: string;
    ETCD_CLIENT_KEY: string;
    SERVICE_ACCOUNT_KEY: string;
    SERVICE_ACCOUNT_PUBLIC_KEY: string;
    CLUSTER_NAME: string;
    ENDPOINT: string;
    /** The administrator's. */
    ADMIN_CERTIFICATE: string;
    ADMIN_KEY: string;
    /** The join credential. */
    JOIN_CERTIFICATE: string;
    JOIN_KEY: string;
  };
  "trust-worker": {
    HOST_NAME: string;
    GENERATION: string;
    CA_CERTIFICATE: string;
    CLUSTER_NAME: string;
    ENDPOINT: string;
    JOIN_CERTIFICATE: string;
    JOIN_KEY: string;
  };
  "trust-etcd": {
    HOST_NAME: string;
    GENERATION: string;
    ETCD_CA_CERTIFICATE: string;
    SERVER_CERTIFICATE: string;
    SERVER_KEY: string;
    PEER_CERTIFICATE: string;
    PEER_KEY: string;
    HEALTH_CERTIFICATE: string;
    HEALTH_KEY: string;
  };
  "configure-balancer": {
    HOST_NAME: string;
    ADDRESS: string;
    KIND: BalancerKind;
    PORT: string;
    CA_CERTIFICATE: string;
    BALANCER_CONFIG: string;
    /** Program that says by its exit status whether the balancer on its host answers. */
    BALANCER_CHECK: string;
    /** Empty without one. */
    VIRTUAL_IP: string;
    /** Empty without a virtual IP; `@INTERFACE@` stands for the interface with the host's address. */
    KEEPALIVED_CONFIG: string;
  };
  "verify-balancer": {
    HOST_NAME: string;
    KIND: BalancerKind;
    PORT: string;
    /** Name of the section with the API servers in HAProxy's statistics. */
    BACKEND: string;
    /** `name address`, a line for each API server that must answer. */
    SERVERS: string;
    /** UIDs of the nodes behind them: a control plane that joined again is verified again. */
    JOINED: string;
    /** Empty without one. */
    VIRTUAL_IP: string;
  };
  "found-etcd": EtcdMemberParameters;
  "admit-etcd": {
    HOST_NAME: string;
    CLUSTER_ID: string;
    ETCD_VERSION: string;
    /** `name address identity`, a line for each wanted member. */
    MEMBERS: string;
  };
  "join-etcd": EtcdMemberParameters & {
    GENERATION: string;
    /** SHA-256 of the server's and the peer's certificate: a renewed one is brought to the member in its turn. */
    CERTIFICATES: string;
  };
  "roster-etcd": {
    HOST_NAME: string;
    CLUSTER_ID: string;
    /** `name address id`, a line for each wanted member. */
    MEMBERS: string;
    /** Names of members that are to leave, as `admit-etcd` prints them, and when. */
    LEAVING: string;
  };
  found: {
    HOST_NAME: string;
    CLUSTER_ID: string;
    ENDPOINT: string;
    /** What cannot change after founding, `key=value` a line. */
    SETTINGS: string;
    KUBEADM_CONFIG: string;
    JOIN_RBAC: string;
    /** Whether the stack builds the load balancer or finds it there. */
    BALANCER: "built" | "existing";
  };
  addons: { HOST_NAME: string; CNI_MANIFEST: string };
  admit: {
    HOST_NAME: string;
    CLUSTER_ID: string;
    SETTINGS: string;
    /** `name role address identity`, a line for each wanted node. */
    MEMBERS: string;
    ETCD_TOPOLOGY: EtcdTopology;
  };
  join: {
    HOST_NAME: string;
    ROLE: Role;
    ADDRESS: string;
    GENERATION: string;
    CLUSTER_ID: string;
    ENDPOINT: string;
    /** Whose ~/.kube/config is written; empty for nobody's. */
    KUBECONFIG_USER: string;
    KUBEADM_CONFIG: string;
    ETCD_TOPOLOGY: EtcdTopology;
  };
  version: {
    HOST_NAME: string;
    ADDRESS: string;
    /** The external etcd's clients' addresses, separated by commas, as the API server has them. */
    ETCD_ENDPOINTS: string;
    /** kubeadm's InitConfiguration of this node. */
    NODE_CONFIG: string;
    /** What `admit-etcd` printed: a run that did not end may have brought members that leave now. */
    LEAVING: string;
  };
  roster: {
    HOST_NAME: string;
    ETCD_TOPOLOGY: EtcdTopology;
    /** `name uid labels taints`, a line for each node; `-` for none. */
    NODES: string;
    /** Names of nodes that are to leave, as `admit` prints them, and when. */
    LEAVING: string;
  };
  verify: {
    HOST_NAME: string;
    KUBERNETES_VERSION: string;
    ENDPOINT: string;
    DNS_ADDRESS: string;
    DNS_DOMAIN: string;
    POD_NETWORK: "verify" | "none";
    /** `name role address uid`, a line for each node. */
    NODES: string;
    /** Names of nodes that were to leave, as `admit` prints them, and when. */
    LEAVING: string;
    /** Ids of the members of an external etcd, one a line; empty with stacked etcd. */
    ETCD_MEMBERS: string;
  };
}

/** What a host is in the cluster. */
export type Role = "load-balancer" | "etcd" | "control-plane" | "worker";

/** The programs that can be a load balancer. */
export type BalancerKind = "haproxy" | "nginx";

/** Whether etcd runs beside the API servers or on hosts of its own. */
export type EtcdTopology = "stacked" | "external";

/** The name of a step: a file in components/scripts/steps. */
export type Step = keyof StepParameters;

interface PrepareBaseParameters {
  HOST_NAME: string;
  ROLE: Role;
  CLUSTER_ID: string;
  GENERATION: string;
  /** A line of apt's source list. */
  APT_SOURCE: string;
  /** The repository's key; empty where it is fetched from APT_KEY_URL. */
  APT_KEY: string;
  APT_KEY_URL: string;
  APT_MIRROR_ONLY: "yes" | "no";
  /** Lines for /etc/hosts; may be empty. */
  HOSTS_ENTRIES: string;
}

/** What makes a host a member of an external etcd. */
interface EtcdMemberParameters {
  HOST_NAME: string;
  ADDRESS: string;
  CLUSTER_ID: string;
  ETCD_VERSION: string;
  /** The member's settings: /etc/etcd/etcd.env. */
  ETCD_ENVIRONMENT: string;
  ETCD_UNIT: string;
  /** `name address`, a line for each wanted member. */
  MEMBERS: string;
}
