# shellcheck shell=bash
# shellcheck disable=SC2034 # teardown.sh takes the folders
# What teardown removes from a balancer.

remove_role() {
  local service
  FOLDERS=(/etc/haproxy /etc/nginx /etc/keepalived)
  # The virtual IP goes first: a peer takes it while this balancer still serves.
  for service in keepalived haproxy nginx; do
    systemctl cat "$service" >/dev/null 2>&1 || continue
    attempt systemctl disable --now "$service"
    rm -f "/etc/systemd/system/$service.service.d/kubeadm-ha.conf"
    rmdir "/etc/systemd/system/$service.service.d" 2>/dev/null || true
  done
  attempt systemctl daemon-reload
  rm -f /run/haproxy{.pid,.sock,-master.sock}
  # What packages leave.
  if brought haproxy; then rm -rf /run/haproxy /var/lib/haproxy/dev; fi
  if brought nginx; then
    rm -f /var/www/html/index.nginx-debian.html
    FOLDERS+=(/var/www/html /var/www)
  fi
  rm -f /etc/keepalived/kubeadm-ha.nft /etc/{keepalived,haproxy,nginx}/*.new
  restore /etc/haproxy/haproxy.cfg
  restore /etc/nginx/nginx.conf
  restore /etc/keepalived/keepalived.conf
}
