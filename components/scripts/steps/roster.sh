# shellcheck shell=bash
# After the joins, on a living control plane: makes Nodes and etcd members equal to the configuration.
# NODES has a line for each wanted node: name uid labels taints; labels and taints as comma-separated lists, - for none.
# LEAVING is what admit printed. The record says the same; a change of it makes this step run.
: "${HOST_NAME:?}" "${NODES:?}" "${LEAVING?}" "${ETCD_TOPOLOGY:?}"

main() {
  local name labels taints
  remove_strangers
  while read -r name _ labels taints; do
    apply "$name" label "${labels#-}"
    apply "$name" taint "${taints#-}"
  done <<<"${NODES%$'\n'}"
  spread_coredns
}

# Nodes that this stack once had and no longer wants. A Node that somebody else joined is not in the record: it stays.
remove_strangers() {
  local recorded name role
  recorded=$(cluster_record members)
  while read -r name role _; do
    [[ -n $name ]] || continue
    if ! awk -v name="$name" '$1 == name { found = 1 } END { exit !found }' <<<"$NODES"; then remove_node "$name" "$role"; fi
  done <<<"$recorded"
}

remove_node() {
  local name=$1 role=$2
  note "removing $name"
  if node_ready "$name" && kubelet_alive "$name"; then
    kube drain "$name" --ignore-daemonsets --delete-emptydir-data --force --grace-period=30 --timeout=120s >>"$LOG" 2>&1 ||
      die "$name could not be drained within two minutes; it is cordoned now
$(tail -n 5 "$LOG" | cut -c 1-300 | sed 's/^/    /')" "see which pod holds it (a PodDisruptionBudget?), then run \`pulumi up\` again"
  fi
  if [[ $role == control-plane && $ETCD_TOPOLOGY == stacked ]]; then
    remove_etcd_member "$(living_etcd "$name")" 3 "$name"
  fi
  quiet kube delete node "$name" --ignore-not-found
  write_cluster_record members "$(cluster_record members | awk -v name="$name" '$1 != name')"
}

node_ready() {
  [[ $(kube get node "$1" --ignore-not-found -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]]
}

# A machine that went without a word is Ready for another 40 seconds, but nobody is there to end its pods.
kubelet_alive() {
  wait_until 15 "$1 to renew its lease" lease_moved "$1" "$(lease_of "$1")"
}

# apply NODE KIND WANTED: labels or taints as the stack file has them. An annotation remembers which are ours, so that one
# that left the stack file is taken away again, and one that somebody else set stays.
apply() {
  local name=$1 kind=$2 wanted=$3 annotation=kubeadm-ha/$2s before arguments
  before=$(kube get node "$name" -o "go-template={{ with .metadata.annotations }}{{ with index . \"$annotation\" }}{{ . }}{{ end }}{{ end }}")
  [[ $before != "$wanted" ]] || return 0
  mapfile -t arguments < <(changes "$before" "$wanted" "$kind" | still_needed "$name" "$kind")
  ((${#arguments[@]} == 0)) || quiet kube "$kind" node "$name" --overwrite "${arguments[@]}"
  quiet kube annotate node "$name" --overwrite "$annotation=$wanted"
}

# still_needed NODE KIND: leaves out to take away a taint that somebody else took away already, which kubectl would not
# find and fail for. (With labels it does not mind.)
still_needed() {
  local present
  [[ $2 == taint ]] || exec cat
  present=$(kube get node "$1" -o 'jsonpath={range .spec.taints[*]}{.key}:{.effect}{"\n"}{end}')
  awk 'NR == FNR { present[$0 "-"] = 1; next } !/-$/ || $0 in present' <(printf '%s\n' "$present") -
}

# changes OLD NEW KIND: kubectl's arguments that lead from one list to the other: all of the new, and `key-` for what is
# only in the old. A label is told by its key, a taint by its key and effect (`key=value:effect`).
changes() {
  local entry key
  local -A wanted=()
  for entry in ${2//,/ }; do
    wanted[$(key_of "$entry" "$3")]=1
    printf '%s\n' "$entry"
  done
  for entry in ${1//,/ }; do
    key=$(key_of "$entry" "$3")
    [[ -n ${wanted[$key]:-} ]] || printf '%s-\n' "$key"
  done
}

key_of() {
  if [[ $2 == taint ]]; then printf '%s:%s' "${1%%[=:]*}" "${1##*:}"; else printf '%s' "${1%%=*}"; fi
}

# kubeadm's two CoreDNS replicas are placed while the founder is alone: when it goes, the cluster's DNS goes with it.
spread_coredns() {
  local nodes wanted
  nodes=$(kube -n kube-system get pods -l k8s-app=kube-dns -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sed '/^$/d')
  [[ $(wc -l <<<"$nodes") -gt 1 && $(sort -u <<<"$nodes" | wc -l) -eq 1 && $(wc -l <<<"${NODES%$'\n'}") -gt 1 ]] || return 0
  # While those that have just joined are not Ready, all pods would go to the first one that is.
  mapfile -t wanted < <(awk '{ print "node/" $1 }' <<<"${NODES%$'\n'}")
  wait_until 60 "the nodes" kube wait --for=condition=Ready --timeout=10s "${wanted[@]}" || true
  note "spreading CoreDNS over the nodes"
  quiet kube -n kube-system rollout restart deployment/coredns
}
