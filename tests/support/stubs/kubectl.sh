#!/usr/bin/bash
# A cluster made of files, for the scripts' tests: what they ask of kubectl, and of etcdctl through it.
#   /cluster/record/FIELD    the cluster's record        /cluster/nodes/NAME/…   uid, ready, version, annotations, sets
#   /cluster/etcd            `etcdctl member list`       /cluster/sick           etcd members that do not answer
#   /cluster/leases/NAME     when it was renewed         /cluster/alive/NAME     its kubelet renews it all the time
#   /cluster/applied         what was applied, in order  /cluster/full           etcd is out of space
#   /cluster/down            the API does not answer, with this text
#   /cluster/refusals        how many requests an API server that has just begun refuses
set -euo pipefail

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Where the words before the verb lead; whose kubeconfig it is.
kubeconfig='' namespace=''
while (($# > 0)); do
  case $1 in
    --kubeconfig) kubeconfig=$2 && shift 2 ;;
    --request-timeout=*) shift ;;
    -n) namespace=$2 && shift 2 ;;
    *) break ;;
  esac
done
[[ -e $kubeconfig ]] || fail "error: stat $kubeconfig: no such file or directory"
[[ ! -e /cluster/down ]] || fail "$(</cluster/down)"
refusals=$(cat /cluster/refusals 2>/dev/null || echo 0)
if ((refusals > 0)); then
  echo $((refusals - 1)) >/cluster/refusals
  fail 'Error from server (Forbidden): User "x" cannot do this: RBAC: clusterrole.rbac.authorization.k8s.io "y" not found'
fi

has_node() { [[ -d /cluster/nodes/$1 ]]; }
not_found() { fail "Error from server (NotFound): $1 \"$2\" not found"; }

# set_entries NODE KIND ENTRY...: labels (key=value) or taints (key=value:effect) of a Node, and `key-` to take away.
set_entries() {
  local file=/cluster/nodes/$1/$2 kind=$2 entry key
  shift 2
  touch "$file"
  for entry; do
    if [[ $entry == *- ]]; then
      key=${entry%-}
      if [[ $kind == taint ]]; then key="${key%%:*}=[^:]*:${key##*:}\$"; else key="$key="; fi
      grep -q "^$key" "$file" || [[ $kind == label ]] || fail "error: taint \"${entry%-}\" not found"
      sed -i "\\|^$key|d" "$file"
    else
      key="${entry%%=*}="
      if [[ $kind == taint ]]; then key="${entry%%=*}=[^:]*:${entry##*:}\$"; fi
      sed -i "\\|^$key|d" "$file"
      printf '%s\n' "$entry" >>"$file"
    fi
  done
}

etcdctl() {
  local node=$1
  shift
  while [[ $1 == etcdctl || $1 == --* ]]; do shift; done
  if grep -qx "$node" /cluster/sick || ! grep -q ", $node, " /cluster/etcd; then fail "error: unable to upgrade connection"; fi
  case "$*" in
    'member list') cat /cluster/etcd ;;
    'member remove '*)
      grep -q "^$3, " /cluster/etcd || fail "etcdserver: member not found"
      sed -i "/^$3, /d" /cluster/etcd
      ;;
    'get health') ;;
    'endpoint health'*)
      [[ ! -e /cluster/full ]] || fail "https://127.0.0.1:2379 is unhealthy: failed to commit proposal: Active Alarm(s): NOSPACE"
      echo healthy
      ;;
    *) fail "nobody expected: etcdctl $*" ;;
  esac
}

case "$namespace $*" in
  *' get configmap kubeadm-ha -o go-template='*)
    field=${*: -1}
    field=${field#*'"'}
    field=${field%'"'*}
    [[ -e /cluster/record/clusterId ]] || not_found configmaps kubeadm-ha
    cat "/cluster/record/$field"
    ;;
  *' patch configmap kubeadm-ha --type merge -p '*)
    jq -r '.data | to_entries[] | .key' <<<"${*: -1}" | while read -r field; do
      jq -j --arg field "$field" '.data[$field]' <<<"${*: -1}" >"/cluster/record/$field"
    done
    ;;
  *' create configmap kubeadm-ha --dry-run=client -o yaml '*)
    for argument; do
      [[ $argument == --from-literal=* ]] || continue
      entry=${argument#--from-literal=}
      jq -n --arg key "${entry%%=*}" --arg value "${entry#*=}" '{($key): $value}'
    done | jq -s '{data: add}'
    ;;
  *' apply'*' -f -') cat >>/cluster/applied ;;
  *' apply -f '*)
    mkdir -p /cluster/record
    jq -r '.data | to_entries[] | .key' "${*: -1}" | while read -r field; do
      jq -j --arg field "$field" '.data[$field]' "${*: -1}" >"/cluster/record/$field"
    done
    ;;
  *' delete secrets --field-selector type=bootstrap.kubernetes.io/token --ignore-not-found') ;;
  *' get node '*)
    name=$3
    if ! has_node "$name"; then
      [[ $* != *--ignore-not-found* ]] || exit 0
      not_found nodes "$name"
    fi
    case "${*: -1}" in
      *metadata.uid*) cat "/cluster/nodes/$name/uid" ;;
      *kubeletVersion*) cat "/cluster/nodes/$name/version" ;;
      *'@.type=="Ready"'*) cat "/cluster/nodes/$name/ready" ;;
      *spec.taints*) sed -E 's/=[^:]*//' "/cluster/nodes/$name/taint" 2>/dev/null || true ;;
      *kubeadm-ha/labels*) cat "/cluster/nodes/$name/kubeadm-ha-labels" 2>/dev/null || true ;;
      *kubeadm-ha/taints*) cat "/cluster/nodes/$name/kubeadm-ha-taints" 2>/dev/null || true ;;
      *) fail "nobody expected: kubectl $*" ;;
    esac
    ;;
  *' delete node '*) rm -rf "/cluster/nodes/$3" "/cluster/leases/$3" ;;
  *' drain '*)
    has_node "$2" || not_found nodes "$2"
    [[ ! -e /cluster/nodes/$2/undrainable ]] || fail "error: Cannot evict pod as it would violate the pod's disruption budget."
    ;;
  *' label node '* | *' taint node '*) set_entries "$3" "$1" "${@:5}" ;;
  *' annotate node '*)
    entry=${*: -1}
    key=${entry%%=*}
    printf '%s' "${entry#*=}" >"/cluster/nodes/$3/${key//\//-}"
    ;;
  *' get lease '*)
    if [[ -e /cluster/alive/$3 ]]; then date -u +%FT%T.%6NZ; else cat "/cluster/leases/$3" 2>/dev/null || true; fi
    ;;
  *' wait --for=condition=Ready '*)
    for argument; do
      [[ $argument != node/* ]] || [[ $(cat "/cluster/nodes/${argument#node/}/ready") == True ]] || fail "timed out waiting"
    done
    ;;
  *' get nodes --no-headers')
    for node in /cluster/nodes/*; do
      state=Ready
      [[ $(<"$node/ready") == True ]] || state=NotReady
      printf '%s   %s   <none>   1m   v1.37.2\n' "${node##*/}" "$state"
    done
    ;;
  *' get daemonset '*'--ignore-not-found -o name') ;;
  *' delete daemonset '*) ;;
  *' get pods -l app=kubeadm-ha-verify '*) cat /cluster/probes 2>/dev/null || true ;;
  *' get pods -l component=etcd '*) awk -F', ' '$3 != "" { printf "%s ", $3 }' /cluster/etcd ;;
  *' get pods -l k8s-app=kube-dns '*) cat /cluster/coredns 2>/dev/null || true ;;
  *' rollout restart deployment/coredns') ;;
  *' exec etcd-'*)
    node=${2#etcd-}
    while [[ $1 != -- ]]; do shift; done
    shift
    etcdctl "$node" "$@"
    ;;
  *)
    printf '%s\n' "$*" >>/cluster/unexpected
    fail "nobody expected: kubectl $*"
    ;;
esac
