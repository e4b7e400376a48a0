# shellcheck shell=bash
# Before any join, on a living control plane: refuses what would break the cluster, and clears the entries of machines
# that were made anew. MEMBERS has a line for each wanted node: name role address identity. Prints the names of those that
# are to leave, and when.
: "${HOST_NAME:?}" "${CLUSTER_ID:?}" "${SETTINGS:?}" "${MEMBERS:?}" "${ETCD_TOPOLOGY:?}"

main() {
  wait_until 60 "the API" cluster_record clusterId || die "the Kubernetes API does not answer through the load balancer" \
    "bring back the balancer and enough control planes for a quorum of etcd, then run \`pulumi up\` again"
  local recorded id
  id=$(cluster_record clusterId)
  [[ $id == "$CLUSTER_ID" ]] || die "the cluster at the endpoint is another one (id $id)" \
    "see that the endpoint leads to this stack's load balancer; no node was changed"
  refuse_changed_settings
  recorded=$(cluster_record members)
  local renewed leaving
  renewed=$(made_anew "$recorded")
  leaving=$(not_wanted "$recorded")
  # An external etcd's members are admitted on its own hosts (admit-etcd).
  [[ $ETCD_TOPOLOGY == external ]] || refuse_quorum_loss "$renewed" "$leaving"
  local name
  for name in $renewed; do clear_entries "$name" "$recorded"; done
  if [[ $ETCD_TOPOLOGY == stacked ]]; then
    for name in $leaving; do remove_silent_member "$name" "$(address_of "$name" "$recorded")"; done
  fi
  record_members "$recorded"
  local nodes
  nodes=$(strangers "$recorded" | awk '{ print $1 }' | paste -sd ' ')
  # With the time: the same ones may join again, in a run that fails, and leave again.
  [[ -z $nodes ]] || printf '%s at %(%s)T' "$nodes" -1
}

# Each line of the settings is `key=value`; all of them were decided when the cluster was founded.
refuse_changed_settings() {
  local recorded line key was changed=()
  recorded=$(cluster_record settings)
  while IFS= read -r line; do
    key=${line%%=*}
    was=$(sed -n "s|^$key=||p" <<<"$recorded")
    [[ $was == "${line#*=}" ]] || changed+=("$key is ${was:-unset} in the cluster, ${line#*=} in the stack file")
  done <<<"${SETTINGS%$'\n'}"
  ((${#changed[@]} == 0)) || die "these settings cannot change in a running cluster: $(printf '\n    %s' "${changed[@]}")" \
    "set them back, or make a new cluster; no node was changed"
}

# Names whose machine is not the one that was recorded.
made_anew() {
  awk 'NR == FNR { was[$1] = $4; next } ($1 in was) && was[$1] != $4 { print $1 }' <(printf '%s\n' "$1") <(printf '%s\n' "$MEMBERS")
}

# The record's lines of nodes that the stack file no longer has.
strangers() {
  awk 'NR == FNR { wanted[$1] = 1; next } NF && !($1 in wanted)' <(printf '%s\n' "$MEMBERS") <(printf '%s\n' "$1")
}

# Control planes that the stack file no longer has.
not_wanted() {
  strangers "$1" | awk '$2 == "control-plane" { print $1 }'
}

# etcd decides by majority: those who stay must be one, both of what there is now and of what will be left.
refuse_quorum_loss() {
  local going voters staying healthy quorum
  going=$(printf '%s\n' "$1" "$2" | sed '/^$/d')
  [[ -n $going ]] || return 0
  voters=$(etcd_members "$(living_etcd)" | awk '$5 == "false" { print $3 }')
  going=$(grep -xF "$going" <<<"$voters" || true)
  [[ -n $going ]] || return 0
  staying=$(grep -vxF "$going" <<<"$voters" || true)
  healthy=0
  local name
  for name in $staying; do
    if etcd_serves "$name"; then healthy=$((healthy + 1)); fi
  done
  quorum=$(($(wc -l <<<"$voters") / 2 + 1))
  ((healthy >= quorum)) || die \
    "etcd has $(wc -l <<<"$voters") voting members and needs $quorum; without $(paste -sd, <<<"$going") only $healthy healthy ones would be left" \
    "change fewer control planes at a time, or bring the others back first; no node was changed"
}

# kubeadm would otherwise take the old member's entry for the new machine, which comes with an empty data directory.
clear_entries() {
  local name=$1 role
  role=$(awk -v name="$name" '$1 == name { print $2 }' <<<"$2")
  refuse_living_machine "$name"
  note "$name was made anew: removing what the old machine left"
  if [[ $role == control-plane && $ETCD_TOPOLOGY == stacked ]]; then
    remove_etcd_member "$(living_etcd "$name")" 3 "$name"
  fi
  quiet kube delete node "$name" --ignore-not-found
}

# remove_silent_member NODE ADDRESS: etcd takes no new member while a voter is not connected, nor while another one is a
# learner: one that leaves and is down must go before the joins. One that still serves leaves with the roster. A learner
# that never started has no name yet.
remove_silent_member() {
  local living peer=https://$2:2380
  living=$(living_etcd "$1")
  if etcd_members "$living" | awk -v peer="$peer" '$4 == peer { found = 1 } END { exit !found }' &&
    ! etcd_serves "$1"; then
    remove_etcd_member "$living" 4 "$peer"
  fi
}

# address_of NODE MEMBERS
address_of() {
  awk -v name="$1" '$1 == name { print $3 }' <<<"$2"
}

# A kubelet renews its lease every ten seconds: one that still does so belongs to a machine that is alive.
refuse_living_machine() {
  local renewed
  renewed=$(lease_of "$1")
  [[ -n $renewed ]] && (($(date +%s) - $(date -d "$renewed" +%s) < 60)) || return 0
  if wait_until 25 "$1 to renew its lease" lease_moved "$1" "$renewed"; then
    die "the machine that is $1 now is alive and is not the one in the stack file" \
      "remove $1 in one \`pulumi up\` and add the new machine in the next"
  fi
}

# Written before the joins: the next run must not take a machine that has just joined for a stale entry. The strangers
# stay in the record until the roster has removed them.
record_members() {
  local members
  members=$(
    printf '%s\n' "${MEMBERS%$'\n'}"
    strangers "$1"
  )
  [[ $members == "$1" ]] || write_cluster_record members "$members"
}
