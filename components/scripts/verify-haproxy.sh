# shellcheck shell=bash
# Proves that this balancer's own health check sees every API server up.
: "${HOST_NAME:?}" "${BACKEND:?}" "${SERVERS:?}" "${JOINED:?}"

main() {
  wait_until 60 "HAProxy to see every API server" all_up || die "HAProxy does not see every API server up:
$(states | sed 's/^/    /')" "echo 'show stat' | sudo socat stdio /run/haproxy.sock"
}

all_up() {
  local server states
  states=$(states)
  for server in $SERVERS; do grep -qx "$server UP" <<<"$states" || return 1; done
}

# The fields of "show stat" are named in its first line.
states() {
  socat -T 2 stdio /run/haproxy.sock <<<'show stat' | awk -F, -v backend="$BACKEND" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "status") column = i; next }
    $1 == backend && $2 != "BACKEND" { print $2, $column }'
}
