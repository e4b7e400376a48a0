# shellcheck shell=bash
# Puts HAProxy's configuration in place, after HAProxy itself has judged it, and without cutting a connection.
: "${HOST_NAME:?}" "${HAPROXY_CONFIG:?}" "${CA_CERTIFICATE:?}" "${PORT:?}"

CONFIG=/etc/haproxy/haproxy.cfg

main() {
  refuse_another_port
  if [[ -f $CONFIG && ! -f $CONFIG.before-kubeadm-ha ]] && ! grep -q 'Written by kubeadm-ha' "$CONFIG"; then
    cp -p "$CONFIG" "$CONFIG.before-kubeadm-ha"
  fi
  put /etc/haproxy/kubernetes-ca.crt 0644 "$CA_CERTIFICATE"
  put "$CONFIG.new" 0644 "$HAPROXY_CONFIG"
  quiet haproxy -c -q -f "$CONFIG.new"
  mv -f "$CONFIG.new" "$CONFIG"
  quiet systemctl enable haproxy
  if systemctl is-active -q haproxy; then quiet systemctl reload haproxy; else quiet systemctl restart haproxy; fi
  wait_until 20 "HAProxy" listens || die "HAProxy does not listen on port $PORT" "journalctl -u haproxy"
}

# The nodes and every kubeconfig have the endpoint's port by heart: a balancer that moved would cut the cluster off.
refuse_another_port() {
  local port
  port=$(sed -n '/^ *bind \*:[0-9]*$/ { s/.*://p; q }' "$CONFIG" 2>>"$LOG") || true
  [[ -z $port || $port == "$PORT" ]] || ! grep -q 'Written by kubeadm-ha' "$CONFIG" ||
    die "loadBalancer.port is $port on this balancer and $PORT in the stack file; it cannot change in a running cluster" \
      "set it back, or \`pulumi destroy\` first; nothing was changed"
}

# The statistics answer too: they are what the last step asks.
listens() {
  tcp_open 127.0.0.1 "$PORT" && [[ $(socat -T 2 stdio /run/haproxy.sock <<<'show info') == 'Name: HAProxy'* ]]
}
