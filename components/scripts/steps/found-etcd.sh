# shellcheck shell=bash
# shellcheck disable=SC2034 # etcd.sh uses LIVING
# Founds an external etcd, once: its first member starts alone. Whatever happened before, a second cluster must not come
# of it: only here does a member start without others, and only where no other answers.
: "${HOST_NAME:?}" "${ADDRESS:?}" "${CLUSTER_ID:?}" "${ETCD_VERSION:?}" "${ETCD_ENVIRONMENT:?}" "${ETCD_UNIT:?}"
: "${MEMBERS:?}"

FOUNDED=$STATE/etcd-founded
FOUNDING=$STATE/etcd-founding

main() {
  rm -f "$ETCD_START"
  if is_marked "$FOUNDED" || [[ -n $(member_id) && ! -e $FOUNDING ]]; then
    note "already founded: this host is a member"
    return
  fi
  if others_answer; then
    note "already founded: another member answers"
    return
  fi
  if is_marked "$FOUNDING"; then
    if is_complete; then
      note "it had been founded: going on from there"
    else
      note "found half-made: beginning again"
      found
    fi
  else
    refuse_what_is_here
    found
  fi
  complete
}

is_marked() {
  [[ -f $1 && $(<"$1") == "$CLUSTER_ID" ]]
}

# A host of the stack where something listens is either a member, or nobody knows what.
others_answer() {
  local name address found=no
  while read -r name address _; do
    [[ $address != "$ADDRESS" ]] || continue
    tcp_open "$address" 2380 || tcp_open "$address" 2379 || continue
    wait_until 30 "$name to say who it is" is_our_etcd "$address" ||
      die "something that is not this stack's etcd answers on $name ($address); nothing was changed" \
        "see what listens on its ports 2379 and 2380"
    found=yes
  done <<<"${MEMBERS%$'\n'}"
  [[ $found == yes ]]
}

refuse_what_is_here() {
  local port
  for port in 2379 2380; do
    ! tcp_open "$ADDRESS" "$port" || die "something listens on port $port already; nothing was changed" \
      "see what it is (ss -ltnp); an etcd that this stack did not make must go first"
  done
  ! has_data || die "there are etcd's data in $ETCD_DATA that this stack did not make; nothing was changed" \
    "move them away if nobody needs them, then run \`pulumi up\` again"
}

# Nobody can have joined before this step has ended, so beginning again loses nothing.
found() {
  put "$FOUNDING" 0600 "$CLUSTER_ID"
  stop_etcd
  empty_data
  install_certificates
  configure_member
  note "founding"
  start_once "ETCD_INITIAL_CLUSTER=$HOST_NAME=https://$ADDRESS:2380
ETCD_INITIAL_CLUSTER_STATE=new
ETCD_INITIAL_CLUSTER_TOKEN=kubeadm-ha-$CLUSTER_ID"
  wait_until 60 "etcd" serves "$ADDRESS" || die "etcd does not start:
$(last_words)" "journalctl -u etcd"
  rm -f "$ETCD_START"
}

# Did the founding get as far as its record?
is_complete() {
  serves "$ADDRESS" || return 1
  LIVING=$ADDRESS
  [[ $(etcd_record cluster) == "$CLUSTER_ID" ]]
}

complete() {
  local id
  LIVING=$ADDRESS
  id=$(etcd_members | awk -v url="https://$ADDRESS:2380" '$4 == url { print $1 }')
  write_etcd_record members ""
  # The record's last line says that everything before it is done.
  write_etcd_record cluster "$CLUSTER_ID"
  put "$ETCD_MEMBER" 0600 "$CLUSTER_ID $id"
  quiet systemctl enable etcd
  put "$FOUNDED" 0600 "$CLUSTER_ID"
  rm -f "$FOUNDING"
  note "founded"
}
