/**
 * The parameters of every step: the `: "${NAME:?}"` contract of `components/scripts/<step>.sh` in TypeScript. A test
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
  };
  "prepare-balancer": PrepareBaseParameters & { PACKAGES: string };
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
    ETCD_CA_KEY: string;
    SERVICE_ACCOUNT_KEY: string;
    SERVICE_ACCOUNT_PUBLIC_KEY: string;
    ADMIN_KUBECONFIG: string;
    JOIN_KUBECONFIG: string;
  };
  "trust-worker": {
    HOST_NAME: string;
    GENERATION: string;
    CA_CERTIFICATE: string;
    JOIN_KUBECONFIG: string;
  };
  "configure-haproxy": {
    HOST_NAME: string;
    PORT: string;
    CA_CERTIFICATE: string;
    HAPROXY_CONFIG: string;
  };
  "verify-haproxy": {
    HOST_NAME: string;
    BACKEND: string;
    /** Names of the servers that must be up, separated by blanks. */
    SERVERS: string;
    /** UIDs of the nodes behind them: a control plane that joined again is verified again. */
    JOINED: string;
  };
  found: {
    HOST_NAME: string;
    CLUSTER_ID: string;
    ENDPOINT: string;
    /** What cannot change after founding, `key=value` a line. */
    SETTINGS: string;
    KUBEADM_CONFIG: string;
    JOIN_RBAC: string;
  };
  addons: { HOST_NAME: string; CNI_MANIFEST: string };
  admit: {
    HOST_NAME: string;
    CLUSTER_ID: string;
    SETTINGS: string;
    /** `name role address identity`, a line for each wanted node. */
    MEMBERS: string;
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
  };
  roster: {
    HOST_NAME: string;
    /** `name uid labels taints`, a line for each node; `-` for none. */
    NODES: string;
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
  };
}

/** What a host is in the cluster. */
export type Role = "load-balancer" | "control-plane" | "worker";

/** The name of a step: a file in components/scripts. */
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
