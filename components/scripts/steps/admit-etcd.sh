# shellcheck shell=bash
# Before any member joins an external etcd: refuses what would cost it its majority, and clears the entries of machines
# that were made anew or are gone. Runs on the first etcd host, which need not be a member yet. MEMBERS has a line for
# each wanted member: name address identity. Prints the names of those that are to leave, and when.
: "${HOST_NAME:?}" "${CLUSTER_ID:?}" "${ETCD_VERSION:?}" "${MEMBERS:?}"

main() {
  wait_until 90 "a majority of etcd" find_living ||
    die_without_majority "bring back enough etcd members for a majority, then run \`pulumi up\` again"
  refuse_another_etcd
  refuse_another_release
  local recorded members renewed leaving
  recorded=$(etcd_record members)
  members=$(etcd_members)
  renewed=$(made_anew "$recorded")
  leaving=$(not_wanted "$recorded")
  refuse_living_machines "$renewed" "$recorded" "$members"
  refuse_majority_loss "$renewed" "$leaving" "$recorded" "$members"
  clear_learners "$members"
  clear_entries "$renewed" "$recorded" "$members"
  clear_entries "$(silent "$leaving" "$recorded")" "$recorded" "$members"
  record_members "$recorded"
  # With the time: the same ones may join again, in a run that fails, and leave again.
  [[ -z $leaving ]] || printf '%s at %(%s)T' "${leaving//$'\n'/ }" -1
}

# Names whose machine is not the one that was recorded.
made_anew() {
  awk 'NR == FNR { was[$1] = $3; next } ($1 in was) && was[$1] != $3 { print $1 }' \
    <(printf '%s\n' "$1") <(printf '%s\n' "$MEMBERS")
}

# Recorded members that the stack file no longer has.
not_wanted() {
  awk 'NR == FNR { wanted[$1] = 1; next } NF && !($1 in wanted) { print $1 }' \
    <(printf '%s\n' "$MEMBERS") <(printf '%s\n' "$1")
}

# of NAME FIELD LINES: field 2 is a name's address in the record.
of() {
  awk -v name="$1" -v field="$2" '$1 == name { print $field }' <<<"$3"
}

# ids NAMES RECORD MEMBERS: the entries in etcd that belong to recorded names, by their peer URL: a member that has
# never started has no name.
ids() {
  local name
  for name in $1; do
    awk -v url="https://$(of "$name" 2 "$2"):2380" '$4 == url { print $1 }' <<<"$3"
  done
}

# etcd knows neither a way back nor over a minor version, and some releases only upgrade from a late patch of the last.
refuse_another_release() {
  local running lowest highest
  running=$(running_versions)
  [[ -n $running ]] || return 0
  lowest=$(head -n 1 <<<"$running") highest=$(tail -n 1 <<<"$running")
  ! older "$ETCD_VERSION" "$highest" ||
    die "etcd runs $highest and the stack file wants $ETCD_VERSION: etcd does not go back" \
      "set etcd.version to $highest or newer; nothing was changed"
  local minor was
  minor=$(minor_of "$ETCD_VERSION") was=$(minor_of "$lowest")
  ((minor <= was + 1)) ||
    die "etcd runs $lowest and the stack file wants $ETCD_VERSION: etcd goes one minor version at a time" \
      "set etcd.version to a 3.$((was + 1)) first; nothing was changed"
  local -A from=([6]=3.5.26 [7]=3.6.11)
  ((minor == was)) || ! older "$lowest" "${from[$minor]:-3.0.0}" ||
    die "etcd runs $lowest: only ${from[$minor]} and newer go on to 3.$minor without trouble (etcd's upgrade guide)" \
      "set etcd.version to the newest 3.$was first; nothing was changed"
}

# What the members that answer run, the oldest first.
running_versions() {
  local id client
  while read -r id _ _ _ client _; do
    [[ $client != - ]] || continue
    tcp_open "$(host_of "$client")" 2379 || continue
    etcdctl_at "$(host_of "$client")" endpoint status -w fields 2>>"$LOG" | status_field Version || true
  done <<<"$(etcd_members)" | sort -V -u
}

older() {
  [[ $1 != "$2" && $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

minor_of() {
  local rest=${1#*.}
  printf '%s' "${rest%%.*}"
}

# A machine that was made anew has left its member: one that still serves is alive.
refuse_living_machines() {
  local name client
  for name in $1; do
    client=$(awk -v url="https://$(of "$name" 2 "$2"):2380" '$4 == url && $6 == "false" { print $5 }' <<<"$3")
    [[ -n $client && $client != - ]] || continue
    ! serves "$(host_of "$client")" ||
      die "the machine that is $name now is alive and is not the one in the stack file" \
        "remove $name in one \`pulumi up\` and add the new machine in the next; nothing was changed"
  done
}

# etcd decides by majority: those who stay must be one of what there is now.
refuse_majority_loss() {
  local going names
  going=$(ids "$1 $2" "$3" "$(grep ' false$' <<<"$4")")
  [[ -n $going ]] || return 0
  # shellcheck disable=SC2086 # a list of ids
  majority_without $going && return
  names=$(awk 'NR == FNR { going[$1] = 1; next } $1 in going { print $3 }' <(printf '%s\n' "$going") - <<<"$4" |
    paste -sd,)
  die "etcd has $VOTERS voting members and needs $NEEDED; without $names only $LEFT healthy ones would be left" \
    "change fewer members at a time, or bring the others back first; no member was changed"
}

# Joins come one after the other, and none runs now: a learner is what an interrupted one left.
clear_learners() {
  local id name learner
  while read -r id _ name _ _ learner; do
    if [[ $learner == true ]]; then remove_etcd_member "$id" "$name, a learner"; fi
  done <<<"$1"
}

# Those of the names that do not serve: nobody can join while etcd waits for them.
silent() {
  local name
  for name in $1; do serves "$(of "$name" 2 "$2")" || printf '%s\n' "$name"; done
}

clear_entries() {
  local name id
  for name in $1; do
    for id in $(ids "$name" "$2" "$3"); do
      # A learner's went before.
      if grep -q "^$id " <<<"$(etcd_members)"; then remove_etcd_member "$id" "$name"; fi
    done
  done
}

# Written before the joins: the next run must not take a machine that has just joined for a stale entry. Strangers stay
# in the record until the roster has removed them.
record_members() {
  local members
  members=$(
    printf '%s\n' "${MEMBERS%$'\n'}"
    awk 'NR == FNR { wanted[$1] = 1; next } NF && !($1 in wanted)' <(printf '%s\n' "$MEMBERS") <(printf '%s\n' "$1")
  )
  [[ $members == "$1" ]] || write_etcd_record members "$members"
}
