import type { LoadBalancerSpec } from "../../config/spec";
import { apiServerPort } from "./kubeadm";

/** The cluster's CA certificate on a balancer host: the health check accepts only API servers of this cluster. */
export const haproxyCaFile = "/etc/haproxy/kubernetes-ca.crt";

/** The statistics socket, at the seed's path: `/var/run` is `/run`. */
export const haproxySocket = "/run/haproxy.sock";

/** Name of the section with the API servers, which the statistics show. */
export const haproxyBackend = "kubernetes-backend";

/** An API server behind the balancer. */
export interface Backend {
  readonly name: string;
  readonly address: string;
}

/**
 * HAProxy's configuration: layer 4 in front of the API servers, with a health check that asks `/readyz` over TLS.
 *
 * The time-outs are chosen for a control plane that vanishes without a word: a client of 5 requests a second then saw
 * a gap of about a second (docs/adr/0007).
 */
export function haproxyConfig(
  balancer: Extract<LoadBalancerSpec, { kind: "haproxy" }>,
  backends: readonly Backend[],
): string {
  const { intervalMs, fall, rise } = balancer.check;
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

defaults
  mode tcp
  log global
  option tcplog
  option dontlognull
  # A host that is gone does not refuse, it is silent: give up soon and ask another server.
  timeout connect 1s
  retries 3
  option redispatch 1
  # Watches are silent for minutes; the API server ends them itself after 5 to 10.
  timeout client 15m
  timeout server 15m
  timeout check 1s
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
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host kubernetes
  http-check expect status 200
  default-server inter ${intervalMs}ms fastinter ${Math.ceil(intervalMs / 2)}ms fall ${fall} rise ${rise} verify required ca-file ${haproxyCaFile} on-marked-down shutdown-sessions
${servers.join("\n")}
`;
}
