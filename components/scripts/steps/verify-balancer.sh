# shellcheck shell=bash
# Proves that this balancer reaches every API server, and that the virtual IP leads to one.
: "${HOST_NAME:?}" "${KIND:?}" "${PORT:?}" "${BACKEND:?}" "${SERVERS:?}" "${JOINED:?}" "${VIRTUAL_IP?}"

main() {
  case $KIND in
    haproxy)
      wait_until 60 "HAProxy to see every API server" all_up || die "HAProxy does not see every API server up:
$(states | sed 's/^/    /')" "echo 'show stat' | sudo socat stdio /run/haproxy.sock"
      ;;
    # It keeps no record that one could ask for: this host asks in its place.
    nginx)
      wait_until 60 "every API server" all_ready || die "not every API server is ready for this balancer:
$(each_ready | sed 's/^/    /')" "see the routes and firewalls between it and them, and their kubelets (journalctl -u kubelet)"
      ;;
  esac
  wait_until 30 "an answer through $KIND" ready 127.0.0.1 "$PORT" ||
    die "no API server answers through $KIND: $(ready 127.0.0.1 "$PORT" 2>&1)" "journalctl -u $KIND"
  [[ -z $VIRTUAL_IP ]] || wait_until 30 "the virtual IP" ready "$VIRTUAL_IP" "$PORT" ||
    die "no API server answers at the virtual IP $VIRTUAL_IP: $(ready "$VIRTUAL_IP" "$PORT" 2>&1)" \
      "journalctl -u keepalived on the balancers"
}

all_up() {
  local name states
  states=$(states)
  while read -r name _; do grep -qx "$name UP" <<<"$states" || return 1; done <<<"${SERVERS%$'\n'}"
}

# The fields of "show stat" are named in its first line.
states() {
  socat -T 2 stdio /run/haproxy.sock <<<'show stat' | awk -F, -v backend="$BACKEND" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "status") column = i; next }
    $1 == backend && $2 != "BACKEND" { print $2, $column }'
}

all_ready() {
  local address
  while read -r _ address; do ready "$address" 6443 || return 1; done <<<"${SERVERS%$'\n'}"
}

each_ready() {
  local name address
  while read -r name address; do
    printf '%s %s\n' "$name" "$(ready "$address" 6443 2>&1 && printf ready)"
  done <<<"${SERVERS%$'\n'}"
}

# ready ADDRESS PORT: does an API server of this cluster say there that it is ready? Otherwise the reason, on standard
# error. Every API server's certificate has the name "kubernetes".
ready() {
  curl -sS -f -o /dev/null -m 5 --noproxy '*' --cacert "$PKI/ca.crt" --connect-to "::$1:$2" https://kubernetes/readyz
}
