# shellcheck shell=bash
# Puts the balancer's configuration in place, after the balancer itself has judged it, and without cutting a connection;
# then the virtual IP, which keepalived holds on one of the balancers.
: "${HOST_NAME:?}" "${ADDRESS:?}" "${KIND:?}" "${PORT:?}" "${CA_CERTIFICATE:?}" "${BALANCER_CONFIG:?}"
: "${BALANCER_CHECK:?}" "${VIRTUAL_IP?}" "${KEEPALIVED_CONFIG?}"

CHECK=$LIBRARY/check-balancer
KEEPALIVED=/etc/keepalived/keepalived.conf
VRRP_FILTER=/etc/keepalived/kubeadm-ha.nft
OURS='Written by kubeadm-ha'
# In memory: whatever starts with the host works with what lies there.
DUE=/run/kubeadm-ha/reload-due
declare -A CONFIGS=([haproxy]=/etc/haproxy/haproxy.cfg [nginx]=/etc/nginx/nginx.conf)

main() {
  refuse_another_port
  if [[ -n $VIRTUAL_IP ]]; then refuse_virtual_ip; fi
  configure_balancer
  if [[ -n $VIRTUAL_IP ]]; then hold_virtual_ip; else drop_virtual_ip; fi
}

# The nodes and every kubeconfig have the endpoint's port by heart: a balancer that moved would cut the cluster off.
refuse_another_port() {
  local port
  [[ -f $STATE/balancer-port ]] || return 0
  port=$(<"$STATE/balancer-port")
  [[ $port == "$PORT" ]] ||
    die "loadBalancer.port is $port on this balancer and $PORT in the stack file; it cannot change in a running cluster" \
      "set it back, or \`pulumi destroy\` first; nothing was changed"
}

configure_balancer() {
  local config=${CONFIGS[$KIND]}
  if ! holds "$PKI/ca.crt" "$CA_CERTIFICATE" || ! holds "$config" "$BALANCER_CONFIG"; then reload_due "$KIND"; fi
  put "$PKI/ca.crt" 0644 "$CA_CERTIFICATE"
  put "$config.new" 0644 "$BALANCER_CONFIG"
  case $KIND in
    haproxy) quiet haproxy -c -f "$config.new" ;;
    nginx) quiet nginx -t -q -c "$config.new" ;;
  esac
  put_in_place "$config"
  come_back "$KIND"
  enable "$KIND"
  stop_other_kind
  load "$KIND"
  # Not before: keepalived asks it, and what it asks for may only be there now.
  put "$CHECK" 0755 "$BALANCER_CHECK"
  wait_until 20 "$KIND" answers ||
    die "$KIND does not answer on port $PORT" "journalctl -u $KIND; $CHECK, port $PORT of 127.0.0.1"
  put "$STATE/balancer-port" 0644 "$PORT"
}

answers() {
  "$CHECK" && tcp_open 127.0.0.1 "$PORT"
}

# Only one kind can have the port. It ends at once: asked politely, nginx waits for its connections' end, with the port
# closed.
stop_other_kind() {
  local kind
  for kind in "${!CONFIGS[@]}"; do
    if [[ $kind == "$KIND" ]] || ! is_ours "${CONFIGS[$kind]}"; then continue; fi
    note "$kind makes room for $KIND"
    quiet systemctl disable "$kind"
    systemctl kill --kill-who=main --signal=TERM "$kind" >>"$LOG" 2>&1 || true
    quiet systemctl stop "$kind"
  done
}

# come_back SERVICE [LINE...]: whatever ends it, it starts again, as often as it takes.
come_back() {
  local lines=("[Unit]" "StartLimitIntervalSec=0" "[Service]" "Restart=always" "RestartSec=100ms" "${@:2}")
  if write_file "/etc/systemd/system/$1.service.d/kubeadm-ha.conf" 0644 < <(printf '%s\n' "${lines[@]}"); then
    quiet systemctl daemon-reload
  fi
}

# reload_due SERVICE: what it works with changes now. A run that is cut off before the reload leaves that to the next one.
reload_due() {
  : >"$DUE-$1"
}

# load SERVICE: lets it work with what lies there by now; a service that works with just that is left alone.
load() {
  if ! systemctl is-active -q "$1"; then
    quiet systemctl restart "$1"
  elif [[ -e $DUE-$1 ]]; then
    quiet systemctl reload "$1"
  fi
  rm -f "$DUE-$1"
}

# holds FILE TEXT
holds() {
  cmp -s - "$1" <<<"${2%$'\n'}"
}

# put_in_place FILE: FILE.new becomes it, where it says anything else.
put_in_place() {
  if cmp -s "$1.new" "$1"; then
    rm -f "$1.new"
    return
  fi
  keep_original "$1"
  mv -f "$1.new" "$1"
}

# enable SERVICE: at the next boot too. Asked first, because the order takes a second.
enable() {
  systemctl is-enabled -q "$1" || quiet systemctl enable "$1"
}

is_ours() {
  grep -qs "$OURS" "$1"
}

# keep_original FILE: once, and never a file of ours.
keep_original() {
  if [[ ! -f $1 || -f $1.before-kubeadm-ha ]] || is_ours "$1"; then return; fi
  cp -p "$1" "$1.before-kubeadm-ha"
}

refuse_virtual_ip() {
  local prefix mask
  read -r INTERFACE prefix < <(ip -4 -oneline address show |
    awk -v address="$ADDRESS" '{ split($4, part, "/"); if (part[1] == address) { print $2, part[2]; exit } }') ||
    die "has no interface with the address $ADDRESS" "set the host's address right, on the host or in the stack file"
  mask=$((0xffffffff << (32 - prefix) & 0xffffffff))
  (((($(number "$VIRTUAL_IP") ^ $(number "$ADDRESS")) & mask) == 0)) ||
    die "loadBalancer.virtualIp $VIRTUAL_IP is not in the network of $INTERFACE, which has $ADDRESS/$prefix" \
      "choose a free address of that network; nothing was changed"
  if ! grep -qsF " $VIRTUAL_IP/32 " "$KEEPALIVED"; then refuse_taken_address; fi
}

# number ADDRESS: four bytes as one number.
number() {
  local IFS=. bytes
  read -ra bytes <<<"$1"
  printf '%d' "$((bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]))"
}

# An address that this host is new to may only be with another balancer.
refuse_taken_address() {
  local holder peer
  holder=$(link_address "$VIRTUAL_IP" nud reachable)
  [[ -n $holder ]] || return 0
  while read -r peer; do
    [[ $(link_address "$peer") != "$holder" ]] || return 0
  done < <(peers)
  die "loadBalancer.virtualIp $VIRTUAL_IP is in use: a machine with the link address $holder answers" \
    "choose a free address; or, if that is a balancer that this run removes, remove it in a run of its own"
}

# The addresses of keepalived's peers, one a line.
peers() {
  awk '/}/ { inside = 0 } inside && $1 != "#" { print $1 } /unicast_peer/ { inside = 1 }' <<<"$KEEPALIVED_CONFIG"
}

# link_address ADDRESS [STATE...]: of the machine that answers for it in this network, if there is one.
link_address() {
  tcp_open "$1" "$PORT" || true
  ip -4 neighbour show to "$1" dev "$INTERFACE" "${@:2}" | awk '$2 == "lladdr" { print $3 }'
}

hold_virtual_ip() {
  local config=${KEEPALIVED_CONFIG//@INTERFACE@/$INTERFACE}
  filter_vrrp
  put "$KEEPALIVED.new" 0644 "$config"
  judge_keepalived "$KEEPALIVED.new"
  holds "$KEEPALIVED" "$config" || reload_due keepalived
  put_in_place "$KEEPALIVED"
  come_back keepalived "ExecStartPre=/usr/sbin/nft -f $VRRP_FILTER" \
    "ExecStopPost=-/usr/sbin/nft delete table ip kubeadm-ha-vrrp"
  enable keepalived
  load keepalived
  wait_until 20 "the virtual IP" tcp_open "$VIRTUAL_IP" "$PORT" ||
    die "nobody answers at the virtual IP $VIRTUAL_IP, port $PORT" \
      "journalctl -u keepalived on the balancers; do they reach one another by IP protocol 112?"
}

# keepalived drops what is not from a peer, but whoever sends it much of that keeps it from advertising: so the kernel
# drops it before. A table of its own leaves the host's firewall alone.
filter_vrrp() {
  local others
  others=$(peers | grep -vxF "$ADDRESS" | paste -sd,) || true
  put "$VRRP_FILTER" 0644 "table ip kubeadm-ha-vrrp
delete table ip kubeadm-ha-vrrp
table ip kubeadm-ha-vrrp {
  chain input {
    type filter hook input priority filter; policy accept;
    ip protocol 112 ip saddr != { ${others:-127.0.0.1} } drop
    ip protocol 112 ip ttl < 255 drop
  }
}"
  quiet nft -f "$VRRP_FILTER"
}

# Debian's keepalived ends itself with a signal when it has nothing to say against a file: what it says counts.
judge_keepalived() {
  local said
  said=$(keepalived --config-test --use-file "$1" 2>&1) || true
  [[ -z $said ]] || die "keepalived does not take its configuration:
    ${said//$'\n'/$'\n'    }"
}

# The stack no longer wants one.
drop_virtual_ip() {
  is_ours "$KEEPALIVED" || return 0
  quiet systemctl disable --now keepalived
  rm -f "$KEEPALIVED" "$VRRP_FILTER"
  if [[ -f $KEEPALIVED.before-kubeadm-ha ]]; then mv -f "$KEEPALIVED.before-kubeadm-ha" "$KEEPALIVED"; fi
}
