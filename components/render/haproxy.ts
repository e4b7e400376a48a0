import { apiServerPort } from "./kubeadm";

/** The cluster's CA certificate on a balancer host: the health check accepts only API servers of this cluster. */
export const haproxyCaFile = "/var/lib/kubeadm-ha/pki/ca.crt";

/** The statistics socket, at the seed's path: `/var/run` is `/run`. */
export const haproxySocket = "/run/haproxy.sock";

/** Name of the section with the API servers, which the statistics show. */
export const haproxyBackend = "kubernetes-backend";

/** An API server behind the balancer. */
export interface Backend {
  readonly name: string;
  readonly address: string;
}

/** What {@link haproxyConfig} takes from the stack file. */
export interface HaproxySettings {
  readonly port: number;
  readonly check: { readonly intervalMs: number; readonly fall: number; readonly rise: number };
  /** Where `/metrics` and `/healthz` are served, beside the loopback. */
  readonly metrics: { readonly address: string; readonly port: number };
}

/**
 * HAProxy's configuration: layer 4 in front of the API servers, with a health check that asks `/readyz` over TLS.
 *
 * The time-outs are chosen for a control plane that vanishes without a word, and the check for an etcd that loses its
 * leader (docs/adr/0007).
 */
export function haproxyConfig(
  balancer: HaproxySettings,
  backends: readonly Backend[],
  options: { readonly etcdTopology: "stacked" | "external" },
): string {
  const { intervalMs, fall, rise } = balancer.check;
  const check = checkOf[options.etcdTopology];
  const servers = backends.map(
    ({ name, address }) => `  server ${name} ${address}:${apiServerPort} check`,
  );
  return `# Written by kubeadm-ha; changes made here are lost at the next \`pulumi up\`.
global
  # Standard output of the service is the journal: journalctl -u haproxy
  log stdout format raw local0 info
  stats socket ${haproxySocket} user root group root mode 600 level admin expose-fd listeners
  user haproxy
  group haproxy
  maxconn 8192
  # A reload leaves the old process to its sessions; it checks no server any more, so it must not last.
  hard-stop-after 15m

defaults
  mode tcp
  log global
  option tcplog
  option dontlognull
  # A host that is gone does not refuse, it is silent: ask another server before a client's own second is over.
  timeout connect 500ms
  retries 3
  option redispatch 1
  # Watches are silent for minutes; the API server ends them itself after 5 to 10.
  timeout client 15m
  timeout server 15m
  timeout check ${check.timeout}
  option clitcpka
  option srvtcpka

frontend kubernetes-frontend
  bind *:${balancer.port}
  default_backend ${haproxyBackend}

backend ${haproxyBackend}
  balance roundrobin
  # An API server that accepts connections need not be ready: ask it.
  option httpchk
  http-check connect ssl alpn http/1.1
  http-check send meth GET uri ${check.path} ver HTTP/1.1 hdr Host kubernetes
  http-check expect status 200
  default-server inter ${intervalMs}ms fastinter ${Math.ceil(intervalMs / 2)}ms fall ${fall} rise ${rise} verify required ca-file ${haproxyCaFile} on-marked-down shutdown-sessions
${servers.join("\n")}

# Plain HTTP: /metrics for Prometheus, /healthz for whoever asks whether HAProxy itself answers.
frontend metrics
  mode http
  timeout client 10s
${metricsBinds(balancer.metrics)}
  http-request set-log-level silent
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 content-type text/plain string "ok\\n" if { path /healthz }
  http-request deny deny_status 404
`;
}

/**
 * With external etcd every API server talks to all members, so that etcd's trouble is no reason to prefer another API
 * server. With stacked etcd each talks to its own member only, whose part stays; an API server that waits for etcd's next
 * leader gets the time to wait in.
 */
const checkOf = {
  stacked: { path: "/readyz", timeout: "2s" },
  external: { path: "/readyz?exclude=etcd&exclude=etcd-readiness", timeout: "1s" },
} as const;

/** Always on the loopback too, where the balancer's own check asks. */
function metricsBinds({ address, port }: HaproxySettings["metrics"]): string {
  const addresses = address === "0.0.0.0" ? [address] : new Set(["127.0.0.1", address]);
  return [...addresses].map((one) => `  bind ${one}:${port}`).join("\n");
}
