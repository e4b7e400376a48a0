import { nginxHealthPort } from "../../config/ports";
import type { Backend } from "./haproxy";
import { apiServerPort } from "./kubeadm";

/**
 * nginx's whole configuration: the stream module in front of the API servers, and nothing else.
 *
 * The open-source version has no active checks: it learns that a server is gone from a connection that fails, and never
 * that one accepts connections but is not ready (docs/adr/0013).
 */
export function nginxConfig(
  balancer: { readonly port: number },
  backends: readonly Backend[],
): string {
  const servers = backends.map(
    ({ name, address }) =>
      `    server ${address}:${apiServerPort} max_fails=1 fail_timeout=3s; # ${name}`,
  );
  return `# Written by kubeadm-ha; changes made here are lost at the next \`pulumi up\`.
user www-data;
worker_processes auto;
worker_rlimit_nofile 16384;
# A reload leaves the old workers to their sessions, which know the old servers only.
worker_shutdown_timeout 15m;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;

events {
  worker_connections 8192;
}

stream {
  log_format kubernetes '$time_iso8601 $remote_addr:$remote_port $status "$upstream_addr" "$upstream_connect_time" '
    '$session_time in $bytes_received out $bytes_sent';
  access_log /var/log/nginx/kubernetes.log kubernetes;

  upstream kubernetes {
    # One memory for all workers: what one has found out, all know.
    zone kubernetes 64k;
    # A server that one connection could not reach gets none for three seconds, then one to try.
${servers.join("\n")}
  }

  server {
    listen ${balancer.port} so_keepalive=30s:10s:3;
    proxy_pass kubernetes;
    # A host that is gone does not refuse, it is silent: ask another server before a client's own second is over.
    proxy_connect_timeout 500ms;
    proxy_next_upstream on;
    proxy_next_upstream_tries 4;
    proxy_next_upstream_timeout 3s;
    # Watches are silent for minutes; the API server ends them itself after 5 to 10.
    proxy_timeout 15m;
    proxy_socket_keepalive on;
  }

  # For whoever asks whether nginx itself answers.
  server {
    listen 127.0.0.1:${nginxHealthPort};
    access_log off;
    return "ok\\n";
  }
}
`;
}
