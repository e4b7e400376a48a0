# shellcheck shell=bash
# Proves that the cluster works, by what it does: Nodes, API servers, etcd members, a pod on every node, DNS.
# NODES has a line for each wanted node: name role address uid. LEAVING are nodes that the roster has removed: what is left
# is proved anew. Prints a small JSON summary.
: "${HOST_NAME:?}" "${NODES:?}" "${LEAVING?}" "${KUBERNETES_VERSION:?}" "${ENDPOINT:?}" "${DNS_ADDRESS:?}" "${DNS_DOMAIN:?}"
: "${POD_NETWORK:?}" "${ETCD_MEMBERS?}"

PROBE=kubeadm-ha-verify

main() {
  local names control_planes
  names=$(awk 'NF { print $1 }' <<<"$NODES")
  control_planes=$(awk '$2 == "control-plane" { print $1 "/" $3 }' <<<"$NODES")
  verify_versions
  verify_api_servers "$control_planes"
  if [[ $POD_NETWORK == none ]]; then
    note "no pod network is configured: nodes and pods are not verified"
  else
    verify_nodes_ready "$names"
    verify_daemons
    verify_pods "$names"
    verify_dns
  fi
  # An external etcd has been proved on its own hosts (roster-etcd), and by each API server that is ready.
  local etcd_members=$ETCD_MEMBERS
  if [[ -z $etcd_members ]]; then
    verify_etcd "$control_planes"
    etcd_members=$control_planes
  fi
  printf '{"nodes":%d,"controlPlanes":%d,"etcdMembers":%d,"podNetwork":%s}' "$(wc -l <<<"$names")" \
    "$(wc -l <<<"$control_planes")" "$(wc -l <<<"$etcd_members")" "$([[ $POD_NETWORK == none ]] && echo false || echo true)"
}

verify_versions() {
  local name version wrong=()
  while read -r name _; do
    [[ -n $name ]] || continue
    version=$(kube get node "$name" --ignore-not-found -o 'jsonpath={.status.nodeInfo.kubeletVersion}')
    [[ $version == "v$KUBERNETES_VERSION" ]] || wrong+=("$name: ${version:-no such Node}")
  done <<<"$NODES"
  ((${#wrong[@]} == 0)) || die "not at v$KUBERNETES_VERSION:$(printf '\n    %s' "${wrong[@]}")" \
    "bring their kubelets to that version, or take such a node out in one \`pulumi up\` and add it in the next"
}

# Directly, one by one, and through the balancer.
verify_api_servers() {
  local server
  for server in $1; do
    wait_until 90 "${server%/*}'s API server" api_answers "${server#*/}:6443" /readyz ||
      die "the API server of ${server%/*} (${server#*/}:6443) is not ready" \
        "curl -k 'https://${server#*/}:6443/readyz?verbose' says which check fails"
  done
  wait_until 30 "the load balancer" api_answers "$ENDPOINT" /readyz ||
    die "the API does not answer through the load balancer at $ENDPOINT" "see the balancer's journal"
}

verify_nodes_ready() {
  # shellcheck disable=SC2086 # a list of names
  wait_until 180 "the nodes" nodes_ready $1 || die "not Ready: $(not_ready)" \
    "kubectl describe node NAME, and journalctl -u kubelet on that host"
}

nodes_ready() {
  kube wait --for=condition=Ready --timeout=10s "${@/#/node/}"
}

not_ready() {
  kube get nodes --no-headers | awk '$2 !~ /^Ready/ { printf "%s%s", separator, $1; separator = ", " }'
}

# What makes Services and the pod network work on each node: a Ready node may still have a kube-proxy that crashes.
verify_daemons() {
  local daemon
  for daemon in kube-system/kube-proxy kube-flannel/kube-flannel-ds; do
    [[ -n $(kube -n "${daemon%/*}" get daemonset "${daemon#*/}" --ignore-not-found -o name) ]] || continue
    wait_until 120 "${daemon#*/} on every node" daemon_complete "$daemon" || die "${daemon#*/} does not run on every node:
$(kube -n "${daemon%/*}" get pods -o wide --no-headers | grep -F "${daemon#*/}" | awk '{ print "    " $1, $2, $3, "on", $7 }')" \
      "kubectl -n ${daemon%/*} logs POD --previous"
  done
}

daemon_complete() {
  local wanted ready
  read -r wanted ready < <(kube -n "${1%/*}" get daemonset "${1#*/}" \
    -o 'jsonpath={.status.desiredNumberScheduled} {.status.numberReady}{"\n"}')
  ((wanted > 0 && ready == wanted))
}

# etcd has exactly the control planes as voting members, and each of them is healthy.
verify_etcd() {
  local wanted
  wanted=$(for server in $1; do printf '%s\n' "${server%/*}"; done | sort)
  wait_until 60 "etcd's members" etcd_equals "$wanted" || die "etcd's members are not the control planes of the stack:
$(etcd_members "$HOST_NAME" | sed 's/^/    /')" "wanted are: $(paste -sd, <<<"$wanted")"
  quiet etcdctl_on "$HOST_NAME" endpoint health --cluster
}

etcd_equals() {
  local members
  members=$(etcd_members "$HOST_NAME") || return 1
  [[ $(awk '$2 == "started" && $5 == "false" { print $3 }' <<<"$members" | sort) == "$1" && $(wc -l <<<"$members") == "$(wc -l <<<"$1")" ]]
}

# A Ready node need not be able to start a pod, nor to reach one elsewhere. The pod is the sandbox image, which is on
# every node already; a closed port that refuses proves that its network answers.
verify_pods() {
  local image pods
  image=$(sed -n '/^ *sandbox_image *=/ { s/.*"\(.*\)".*/\1/p; q }' /etc/containerd/config.toml)
  quiet kube -n kube-system delete daemonset "$PROBE" --ignore-not-found --cascade=foreground
  quiet kube apply -f - <<<"$(probe_manifest "$image")"
  wait_until 120 "a pod on every node" probe_pods_run "$1" || die "a pod cannot start on every node; these run:
$(probe_pods | sed 's/^/    /')" "kubectl -n kube-system describe pods -l app=$PROBE (left there to be looked at)"
  pods=$(probe_pods)
  local node address
  while read -r node address _; do
    wait_until 60 "the pod network to $node" pod_refuses "$address" || die \
      "the pod $address on $node cannot be reached from $HOST_NAME" \
      "do the hosts reach each other as flannel needs? vxlan: UDP 8472; host-gw: one layer-2 network that lets pods' addresses pass"
  done <<<"$pods"
  quiet kube -n kube-system delete daemonset "$PROBE" --wait=false
}

probe_manifest() {
  cat <<EOF
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: $PROBE, namespace: kube-system}
spec:
  selector: {matchLabels: {app: $PROBE}}
  template:
    metadata: {labels: {app: $PROBE}}
    spec:
      terminationGracePeriodSeconds: 0
      enableServiceLinks: false
      automountServiceAccountToken: false
      tolerations: [{operator: Exists}]
      containers: [{name: pause, image: "$1", imagePullPolicy: IfNotPresent}]
EOF
}

probe_pods() {
  kube -n kube-system get pods -l "app=$PROBE" --field-selector status.phase=Running \
    -o 'jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP}{"\n"}{end}' | sed '/^$/d'
}

probe_pods_run() {
  local pods name
  pods=$(probe_pods)
  for name in $1; do grep -qE "^$name [0-9.]+$" <<<"$pods" || return 1; done
}

# Nothing listens in the pod: its network answers with a refusal at once, silence means that it was not reached.
pod_refuses() {
  local begin=$EPOCHREALTIME code=0
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/9"' "$1" 2>/dev/null || code=$?
  note "pod $1 answered with $code after $(((${EPOCHREALTIME/./} - ${begin/./}) / 1000)) ms"
  ((code != 124))
}

verify_dns() {
  wait_until 90 "the cluster's DNS" dns_answers "kubernetes.default.svc.$DNS_DOMAIN" ||
    die "CoreDNS at $DNS_ADDRESS does not resolve kubernetes.default.svc.$DNS_DOMAIN" \
      "kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide"
}

# A question for an A record over UDP, and whether the answer has one: byte 4 of it ends in the error code 0, bytes 7
# and 8 count the answers (RFC 1035, section 4.1.1).
dns_answers() {
  local label question='' reply
  for label in ${1//./ }; do
    question+=$(printf '\\x%02x%s' "${#label}" "$label")
  done
  exec 4<>"/dev/udp/$DNS_ADDRESS/53"
  # dd makes one datagram of it: a length of ten is a line feed, at which printf alone would send what it has.
  # shellcheck disable=SC2059 # the name becomes bytes by printf's escapes
  printf "\x4b\x48\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00$question\x00\x00\x01\x00\x01" |
    dd bs=512 iflag=fullblock status=none >&4
  reply=$(timeout 2 head -c 8 <&4 | od -An -tu1) || true
  exec 4>&-
  # shellcheck disable=SC2086 # bytes as words
  set -- $reply
  # In one expression, bash would look for the bytes of an answer that has not come, and end the step without a word.
  (($# == 8)) && (($4 % 16 == 0 && $7 * 256 + $8 > 0))
}
