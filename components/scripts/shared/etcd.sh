# shellcheck shell=bash
# shellcheck disable=SC2034 # the steps use what seems unused here
# What the steps of an etcd host share beside lib.sh: asking etcd, who its members are, what it needs for a majority,
# and the service on this host. MEMBERS, which most of them have, begins each line with a wanted member's name and
# address.

ETCD_DATA=/var/lib/etcd
ETCD_PKI=/etc/etcd/pki
ETCD_SETTINGS=/etc/etcd/etcd.env
ETCD_SERVICE=/etc/systemd/system/etcd.service
# For exactly one start: the unit reads it over the settings. Only founding and joining have one.
ETCD_START=/run/kubeadm-ha/etcd-start.env
# `cluster-id member-id`: which member's data this host holds.
ETCD_MEMBER=$STATE/etcd-member

# etcdctl_at ADDRESS ARGUMENTS...: with the health check's certificate, and bounded.
etcdctl_at() {
  local address=$1 folder=/usr/local/bin
  shift
  # A host that is no member yet has its release's folder only.
  [[ -z ${ETCD_VERSION:-} ]] || folder=/opt/etcd/v$ETCD_VERSION
  timeout 20 "$folder/etcdctl" --endpoints="https://$address:2379" --dial-timeout=2s --command-timeout=5s \
    --cacert="$PKI/etcd/ca.crt" --cert="$PKI/etcd/health.crt" --key="$PKI/etcd/health.key" "$@" </dev/null
}

# serves ADDRESS: does this member read with a majority behind it? (`endpoint health` would also mind a full store; a
# learner never does.)
serves() {
  tcp_open "$1" 2379 && etcdctl_at "$1" get kubeadm-ha/cluster --keys-only >>"$LOG" 2>&1
}

# is_our_etcd ADDRESS: an etcd of this stack, by its CA, with a majority or without one. Its peers' port tells soonest,
# in HTTP 1 only.
is_our_etcd() {
  local pki=$PKI/etcd code
  code=$(curl -s --http1.1 -o /dev/null -m 3 -w '%{http_code}' --cacert "$pki/ca.crt" \
    --cert "$pki/health.crt" --key "$pki/health.key" "https://$1:2380/version") || true
  [[ $code == 200 ]]
}

# find_living [EXCEPT]: a wanted member that serves, into LIVING.
find_living() {
  local name address
  while read -r name address _; do
    if [[ $address != "${1:-}" ]] && serves "$address"; then
      LIVING=$address
      return
    fi
  done <<<"${MEMBERS%$'\n'}"
  return 1
}

# die_without_majority WHAT-TO-DO: none of the wanted members serves; says how many of them run.
die_without_majority() {
  local name address running=() count=0
  while read -r name address _; do
    count=$((count + 1))
    if is_our_etcd "$address"; then running+=("$name"); fi
  done <<<"${MEMBERS%$'\n'}"
  ((${#running[@]} > 0)) || die "no etcd member answers; nothing was started" "$1"
  die "etcd has no majority: of the $count members in the stack file $(plural ${#running[@]} runs run) (${running[*]});\
 nothing was changed" "$1"
}

# plural COUNT ONE MANY
plural() {
  if (($1 == 1)); then printf '%s %s' "$1" "$2"; else printf '%s %s' "$1" "$3"; fi
}

# etcd_members: a line for each member: id status name peer-url client-url learner(true|false)
etcd_members() {
  etcdctl_at "$LIVING" member list |
    awk -F', ' '{ print $1, $2, ($3 == "" ? "-" : $3), $4, ($5 == "" ? "-" : $5), $6 }'
}

# etcd_record FIELD: what etcd itself keeps for us (cluster, members); empty where it has nothing.
etcd_record() {
  etcdctl_at "$LIVING" get "kubeadm-ha/$1" --print-value-only
}

# write_etcd_record FIELD TEXT: once more where it fails. What a leader was told that has just died is never answered, and
# when that is known there is another one.
write_etcd_record() {
  local put=(etcdctl_at "$LIVING" put "kubeadm-ha/$1" "$2")
  "${put[@]}" >>"$LOG" 2>&1 || must "etcd does not take what it is to keep" \
    "see that a majority of its members is healthy, then run \`pulumi up\` again" "${put[@]}"
}

# refuse_another_etcd: whatever answers with our CA must also be the cluster of this stack's present life.
refuse_another_etcd() {
  local id
  id=$(etcd_record cluster)
  [[ -n $id ]] || die "the etcd at $LIVING has no record of kubeadm-ha: its founding was cut off; nothing was changed" \
    "put the host with that address first in etcd.hosts, then run \`pulumi up\` again"
  [[ $id == "$CLUSTER_ID" ]] || die "the etcd at $LIVING is another cluster's (id $id); nothing was changed" \
    "see which machine has that address"
}

# majority_without ID...: would a majority of today's voters serve without these? Sets VOTERS, NEEDED and LEFT.
majority_without() {
  local list id client learner
  list=$(etcd_members) || die "the etcd member at $LIVING stopped answering" "run \`pulumi up\` again"
  VOTERS=0 LEFT=0
  while read -r id _ _ _ client learner; do
    [[ $learner == false ]] || continue
    VOTERS=$((VOTERS + 1))
    if [[ " $* " != *" $id "* ]] && serves "$(host_of "$client")"; then LEFT=$((LEFT + 1)); fi
  done <<<"$list"
  NEEDED=$((VOTERS / 2 + 1))
  ((LEFT >= NEEDED))
}

# refuse_alarms: a store that is full takes no write before somebody has made room, so nobody is to wait for it.
refuse_alarms() {
  local id kind name alarms=''
  while read -r id kind; do
    [[ -n $id ]] || continue
    # Here in decimal digits, in the members' list in hexadecimal ones.
    name=$(etcd_members | awk -v id="$(printf '%x' "$id")" '$1 == id { print $3 }')
    alarms+="${alarms:+, }$kind on ${name:-the member $id}"
  done <<<"$(etcdctl_at "$LIVING" alarm list | sed -n 's/^memberID:\([0-9]*\) *alarm:\([A-Z]*\).*/\1 \2/p')"
  case $alarms in
    "") ;;
    *NOSPACE*) die "etcd refuses all writes: alarm $alarms" "$ETCD_IS_FULL" ;;
    *) die "etcd raises an alarm: $alarms" "journalctl -u etcd there; etcd's documentation says what that alarm is about" ;;
  esac
}

# host_of URL
host_of() {
  local host=${1#https://}
  printf '%s' "${host%%[:,]*}"
}

# remove_etcd_member ID NAME: never at the price of the majority. A learner has no vote.
remove_etcd_member() {
  wait_until 60 "a majority without $2" removable "$1" ||
    die "etcd has $VOTERS voting members and needs $NEEDED; without $2 only $LEFT healthy ones would be left" \
      "bring the others back first, then run \`pulumi up\` again"
  note "removing the etcd member $2 ($1)"
  # A member that has been connected for less than five seconds does not count for etcd yet.
  wait_until 60 "etcd to remove $2" member_removed "$1" ||
    die "etcd does not remove the member $2: $(tail -n 1 "$LOG" | cut -c 1-300)" "journalctl -u etcd on the members"
}

# etcd may carry out what it does not answer in time: after an election, say. The next time it knows no such member.
member_removed() {
  local left
  if etcdctl_at "$LIVING" member remove "$1"; then return; fi
  left=$(etcd_members) && [[ -n $left ]] && ! grep -q "^$1 " <<<"$left"
}

removable() {
  [[ $(etcd_members | awk -v id="$1" '$1 == id { print $6 }') == true ]] || majority_without "$1"
}

# hand_over_leadership ID ADDRESS: a leader that is to stop gives way first, so that nobody waits for an election.
hand_over_leadership() {
  local status successor
  status=$(etcdctl_at "$2" endpoint status -w fields 2>>"$LOG") || return 0
  [[ $(status_field MemberID <<<"$status") == "$(status_field Leader <<<"$status")" ]] || return 0
  successor=$(healthy_successor "$1")
  [[ -n $successor ]] || return 0
  note "handing the leadership to $successor"
  etcdctl_at "$2" move-leader "$successor" >>"$LOG" 2>&1 || note "not handed over; there will be an election"
}

healthy_successor() {
  local id client learner
  while read -r id _ _ _ client learner; do
    if [[ $id != "$1" && $learner == false ]] && serves "$(host_of "$client")"; then
      printf '%s' "$id"
      return
    fi
  done <<<"$(etcd_members)"
}

# status_field NAME: of `endpoint status -w fields` on standard input.
status_field() {
  sed -n "s/^\"$1\" : \"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" | tail -n 1
}

# member_id: which member's data this host holds; empty for none of this cluster's.
member_id() {
  local cluster id
  [[ -f $ETCD_MEMBER ]] && has_data || return 0
  read -r cluster id <"$ETCD_MEMBER"
  [[ $cluster != "$CLUSTER_ID" ]] || printf '%s' "$id"
}

# An etcd that failed to start has made folders; data begin with a log.
has_data() {
  compgen -G "$ETCD_DATA/member/wal/*.wal" >/dev/null
}

# install_certificates: from our own folder to where etcd reads them, at each handshake anew.
install_certificates() {
  local name
  install -d -m 0755 /etc/etcd "$ETCD_PKI"
  # The key before its certificate: the pair differs for as short as can be.
  for name in ca.crt server.key server.crt peer.key peer.crt; do install_file "$name" etcd; done
  for name in health.key health.crt; do install_file "$name" root; done
}

# install_file NAME OWNER: what is as it should be is left alone.
install_file() {
  local mode=0600
  if [[ $1 == *.crt ]]; then mode=0644; fi
  if cmp -s "$PKI/etcd/$1" "$ETCD_PKI/$1" &&
    [[ $(stat -c '%a %u' "$ETCD_PKI/$1") == "${mode#0} $(id -u "$2")" ]]; then return; fi
  install -m "$mode" -o "$2" -g "$2" "$PKI/etcd/$1" "$ETCD_PKI/$1.new"
  mv -f "$ETCD_PKI/$1.new" "$ETCD_PKI/$1"
}

# configure_member: settings, unit, and this release's programs in everybody's path.
configure_member() {
  local name link program changed=no
  for name in etcd etcdctl etcdutl; do
    link=/usr/local/bin/$name program=/opt/etcd/v$ETCD_VERSION/$name
    [[ $(readlink "$link") != "$program" ]] || continue
    [[ ! -e $link || $(readlink "$link") == /opt/etcd/* ]] || die "$link is not ours: it is in the way" "move it away"
    ln -sfn "$program" "$link.new"
    mv -Tf "$link.new" "$link"
  done
  put "$ETCD_SETTINGS" 0644 "$ETCD_ENVIRONMENT"
  if write_file "$ETCD_SERVICE" 0644 <<<"${ETCD_UNIT%$'\n'}"; then changed=yes; fi
  if [[ $changed == yes || $(systemctl show -p NeedDaemonReload --value etcd) == yes ]]; then
    quiet systemctl daemon-reload
  fi
}

# start_etcd: it says that it is ready when it has found a leader, which is for the caller to wait for.
start_etcd() {
  systemctl reset-failed etcd 2>>"$LOG" || true
  quiet systemctl start --no-block etcd
}

# stop_etcd: where it runs.
stop_etcd() {
  [[ ! -f $ETCD_SERVICE ]] || quiet systemctl stop etcd
}

# start_once SETTINGS: starts with settings that hold for this start only.
start_once() {
  put "$ETCD_START" 0600 "$1"
  start_etcd
}

# empty_data: only after it is certain that nobody needs them.
empty_data() {
  install -d -m 0700 -o etcd -g etcd "$ETCD_DATA"
  # All at once: half of a member's data must never be started with.
  rm -rf "$ETCD_DATA/removed"
  [[ ! -e $ETCD_DATA/member ]] || mv -T "$ETCD_DATA/member" "$ETCD_DATA/removed"
  rm -f "$ETCD_MEMBER"
  rm -rf "$ETCD_DATA/removed"
}

# last_words: what etcd said last, for a message.
last_words() {
  journalctl -u etcd -n 200 -o cat --no-pager 2>/dev/null | grep -E '"level":"(fatal|error|panic)"' |
    tail -n 2 | cut -c 1-300 | sed 's/^/    /' || true
}
