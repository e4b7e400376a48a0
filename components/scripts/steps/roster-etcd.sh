# shellcheck shell=bash
# After the joins, on the first etcd host: makes etcd's members equal to the stack file, proves it, and prints their
# ids. MEMBERS has a line for each wanted member: name address id. LEAVING is what admit-etcd printed. The record says the
# same; a change of it makes this step run.
: "${HOST_NAME:?}" "${CLUSTER_ID:?}" "${MEMBERS:?}" "${LEAVING?}"

main() {
  wait_until 90 "a majority of etcd" find_living ||
    die_without_majority "bring back enough etcd members for a majority, then run \`pulumi up\` again"
  refuse_another_etcd
  refuse_alarms
  wait_until 120 "every member to be healthy" all_healthy ||
    die "not every etcd member is healthy: $(unhealthy | paste -sd ' ')" \
      "journalctl -u etcd there; no member was removed"
  remove_strangers
  prove_members
  awk 'NF { print $3 }' <<<"$MEMBERS"
}

all_healthy() {
  [[ -z $(unhealthy) ]]
}

unhealthy() {
  local name address
  while read -r name address _; do
    etcdctl_at "$address" endpoint health >>"$LOG" 2>&1 || printf '%s\n' "$name"
  done <<<"${MEMBERS%$'\n'}"
}

# Members that this stack once had and no longer wants. One that somebody else added is not in the record: it is told.
remove_strangers() {
  local recorded name address id
  recorded=$(etcd_record members)
  while read -r name address _; do
    if [[ -z $name ]] || is_wanted "$name"; then continue; fi
    id=$(etcd_members | awk -v url="https://$address:2380" '$4 == url { print $1 }')
    if [[ -n $id ]]; then
      if tcp_open "$address" 2379; then hand_over_leadership "$id" "$address"; fi
      remove_etcd_member "$id" "$name"
    fi
    write_etcd_record members "$(etcd_record members | awk -v name="$name" '$1 != name')"
  done <<<"$recorded"
}

is_wanted() {
  [[ -n $(awk -v name="$1" '$1 == name' <<<"$MEMBERS") ]]
}

prove_members() {
  local wanted there
  wanted=$(awk 'NF { print $3, "started", $1, "https://" $2 ":2380", "https://" $2 ":2379", "false" }' <<<"$MEMBERS")
  wanted=$(sort <<<"$wanted")
  there=$(etcd_members | sort)
  [[ $wanted == "$there" ]] || die "etcd's members are not those of the stack file:
$(diff <(printf '%s\n' "$wanted") <(printf '%s\n' "$there") | sed -n 's/^< /    wanted: /p; s/^> /    there:  /p')" \
    "raise the generation of who is missing; remove who is too many with etcdctl member remove"
}
