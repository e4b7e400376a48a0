# shellcheck shell=bash
# Makes the host a member of the external etcd, where it is not one already, and keeps it as the stack file wants it;
# prints the member's id. Members come here one after the other.
: "${HOST_NAME:?}" "${ADDRESS:?}" "${GENERATION:?}" "${CLUSTER_ID:?}" "${ETCD_VERSION:?}" "${MEMBERS:?}"
: "${ETCD_ENVIRONMENT:?}" "${ETCD_UNIT:?}" "${CERTIFICATES:?}"

PEER_URL=https://$ADDRESS:2380
DAMAGED="journalctl -u etcd; if its data are damaged: stop etcd, remove $ETCD_DATA/member, run \`pulumi up\` again"

main() {
  rm -f "$ETCD_START"
  local id entry=
  id=$(member_id)
  # With its data there a member only ever finds its own cluster again.
  if [[ -n $id ]]; then wake_up; fi
  wait_until 90 "a majority of etcd" find_living ||
    die_without_majority "bring back enough etcd members for a majority, then run \`pulumi up\` again"
  refuse_another_etcd
  if [[ -n $id ]]; then entry=$(own_entry "$id"); fi
  if [[ $entry == voter ]]; then
    note "already a member"
    keep "$id"
  elif [[ $entry != learner ]] || ! is_running || ! finish "$id"; then
    join
  fi
  wait_until 60 "this member" serves "$ADDRESS" || die "this host's etcd does not serve:
$(last_words)" "$DAMAGED"
  rm -f "$ETCD_START"
  quiet systemctl enable etcd
  prove_certificates
  member_id
}

wake_up() {
  if [[ -f $ETCD_SERVICE ]] && ! serves "$ADDRESS"; then
    install_certificates
    start_etcd
  fi
}

# own_entry ID: voter or learner; nothing where the members' list does not have it.
own_entry() {
  etcd_members |
    awk -v id="$1" -v url="$PEER_URL" '$1 == id && $4 == url { print ($6 == "true" ? "learner" : "voter") }'
}

# keep ID: a member gets its renewed certificates at once, and anything else with a restart.
keep() {
  install_certificates
  configure_member
  if is_running && ! is_stale; then return; fi
  if serves "$ADDRESS"; then
    wait_until 90 "a majority without this member" may_restart "$1" ||
      die "etcd has $VOTERS voting members and needs $NEEDED; without this one only $LEFT healthy ones are left" \
        "bring the others back first, then run \`pulumi up\` again; it runs with its old settings"
    hand_over_leadership "$1" "$ADDRESS"
  fi
  note "restarting with new settings"
  quiet systemctl restart --no-block etcd
  wait_until 60 "the restart" is_fresh || die "etcd does not restart:
$(last_words)" "$DAMAGED"
}

# One member or two have no majority without this one, ever: they cannot wait for it, and a restart is short.
may_restart() {
  majority_without "$1" || ((VOTERS <= 2))
}

# One that waits for a leader is activating.
is_running() {
  [[ $(systemctl show -p ActiveState --value etcd) == *activ* && $(systemctl show -p MainPID --value etcd) != 0 ]]
}

# Does it run with older settings than those on disk? The unit names the release.
is_stale() {
  local started file
  started=$(date -d "$(systemctl show -p ExecMainStartTimestamp --value etcd)" +%s)
  for file in "$ETCD_SERVICE" "$ETCD_SETTINGS"; do
    if (($(stat -c %Y "$file") > started)); then return 0; fi
  done
  return 1
}

is_fresh() {
  systemctl is-active -q etcd && ! is_stale && serves "$ADDRESS"
}

# join: through another member, as a learner, which has no vote until it has all data.
join() {
  find_living "$ADDRESS" || die "no other etcd member answers; nothing was started" \
    "bring back enough etcd members for a majority, then run \`pulumi up\` again"
  refuse_another_etcd
  refuse_unknown_data
  stop_etcd
  clear_own_entries
  empty_data
  install_certificates
  configure_member
  local id
  wait_until 90 "etcd to take a learner" add_learner ||
    die "etcd takes no new member: $(tail -n 1 "$LOG" | cut -c 1-300)" \
      "see that all members are healthy (etcdctl endpoint health) and none is a learner (etcdctl member list)"
  note "learner added"
  id=$(own_id)
  put "$ETCD_MEMBER" 0600 "$CLUSTER_ID $id"
  start_once "ETCD_INITIAL_CLUSTER=$(initial_cluster)
ETCD_INITIAL_CLUSTER_STATE=existing"
  wait_until 60 "the learner to start" learner_started "$id" || die "the learner does not start:
$(last_words)" "journalctl -u etcd"
  note "learner started"
  finish "$id" || die "the learner is not promoted: $(tail -n 1 "$LOG" | cut -c 1-300)" "journalctl -u etcd"
}

# finish ID: much data take their time; a learner that an earlier run left on its way goes on.
finish() {
  wait_until 300 "the learner to have all data" promote "$1" || return 1
  note "promoted"
}

# Data of a member that this stack made are worth nothing once etcd has removed it; others' are not ours to throw away.
refuse_unknown_data() {
  ! has_data || [[ -n $(member_id) || -e $STATE/etcd-founding ]] ||
    die "there are etcd's data in $ETCD_DATA that this stack did not make; nothing was changed" \
      "move them away if nobody needs them, then run \`pulumi up\` again"
}

# What this host was before: an interrupted join's learner, or the member of a machine that was wiped.
clear_own_entries() {
  local id
  while read -r id _; do
    [[ -z $id ]] || remove_etcd_member "$id" "$HOST_NAME"
  done <<<"$(etcd_members | awk -v url="$PEER_URL" '$4 == url')"
}

own_id() {
  etcd_members | awk -v url="$PEER_URL" '$4 == url { print $1 }'
}

# One that was added although etcdctl could not say so is there all the same.
add_learner() {
  [[ -n $(own_id) ]] || etcdctl_at "$LIVING" member add "$HOST_NAME" --peer-urls="$PEER_URL" --learner
}

# etcd compares this list with the members' own: as many, with these addresses. Names only need to differ.
initial_cluster() {
  etcd_members | awk -v url="$PEER_URL" -v own="$HOST_NAME" \
    '{ printf "%s%s=%s", (NR == 1 ? "" : ","), ($4 == url ? own : $3 == "-" ? $1 : $3), $4 }'
}

learner_started() {
  [[ $(etcd_members | awk -v id="$1" '$1 == id { print $2 }') == started ]]
}

# Only etcd's leader knows whether a learner has all data: it is asked until it agrees.
promote() {
  [[ $(own_entry "$1") == voter ]] || etcdctl_at "$LIVING" member promote "$1"
}

# etcd reads its certificates at every handshake: what it shows must be what lies on disk.
prove_certificates() {
  wait_until 20 "the new certificates to be served" shows_new ||
    die "etcd still shows an old certificate" \
      "journalctl -u etcd; while the others are healthy: systemctl restart etcd"
}

shows_new() {
  shows 2379 server && shows 2380 peer
}

# shows PORT NAME
shows() {
  local shown
  shown=$(timeout 5 openssl s_client -connect "$ADDRESS:$1" -CAfile "$ETCD_PKI/ca.crt" -cert "$ETCD_PKI/health.crt" \
    -key "$ETCD_PKI/health.key" </dev/null 2>>"$LOG" | openssl x509 -outform PEM) || return 1
  [[ $shown == "$(openssl x509 -in "$ETCD_PKI/$2.crt" -outform PEM)" ]]
}
