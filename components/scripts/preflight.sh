# shellcheck shell=bash
# Looks whether a host can take its role, changes nothing, and reports everything that is wrong with it at once.
: "${HOST_NAME:?}" "${ADDRESS:?}" "${ROLE:?}" "${CLUSTER_ID:?}" "${PORTS:?}" "${GENERATION:?}"
: "${MINIMUM_CPUS:?}" "${MINIMUM_MEMORY_MIB:?}" "${MINIMUM_DISK_MIB:?}"

export READ_ONLY=yes # for run_step: no log, no lock
FINDINGS=()

main() {
  check_system
  check_resources
  check_address
  check_owner
  check_ports
  if ((${#FINDINGS[@]} > 0)); then
    {
      printf '%s: not fit to be a %s; nothing was changed:\n' "$HOST_NAME" "$ROLE"
      printf '  - %s\n' "${FINDINGS[@]}"
    } >&2
    exit 1
  fi
}

finding() {
  FINDINGS+=("$*")
}

check_system() {
  local id version architecture
  # shellcheck disable=SC1091
  id=$(. /etc/os-release && printf '%s' "${ID:-}")
  # shellcheck disable=SC1091
  version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-}")
  case "$id $version" in
    "debian 12" | "ubuntu 22.04" | "ubuntu 24.04") ;;
    *) finding "runs $id $version; supported are Debian 12, Ubuntu 22.04 and 24.04" ;;
  esac
  architecture=$(uname -m)
  case $architecture in
    x86_64 | aarch64) ;;
    *) finding "has a $architecture processor; supported are x86_64 and aarch64" ;;
  esac
  [[ -d /run/systemd/system ]] || finding "is not run by systemd"
}

check_resources() {
  local cpus memory disk
  cpus=$(nproc)
  ((cpus >= MINIMUM_CPUS)) || finding "has $cpus CPU; a $ROLE needs $MINIMUM_CPUS"
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  ((memory >= MINIMUM_MEMORY_MIB)) || finding "has $memory MiB of memory; a $ROLE needs $MINIMUM_MEMORY_MIB"
  disk=$(df --output=avail -m /var/lib | tail -n 1)
  ((disk >= MINIMUM_DISK_MIB)) || finding "has $((disk)) MiB free in /var/lib; a $ROLE needs $MINIMUM_DISK_MIB"
}

check_address() {
  local addresses
  addresses=$(ip -4 -oneline address show | awk '{ sub("/.*", "", $4); print $4 }')
  grep -qxF "$ADDRESS" <<<"$addresses" ||
    finding "has no interface with the address $ADDRESS; it has $(paste -sd, <<<"$addresses")"
}

# A host that carries our marker is ours only with this very cluster, name and role.
check_owner() {
  local cluster name role
  if [[ ! -f $MARKER ]]; then
    if [[ -e /etc/kubernetes/kubelet.conf ]] || compgen -G '/etc/kubernetes/manifests/*.yaml' >/dev/null; then
      finding "already has a Kubernetes that kubeadm-ha did not make; remove it first: kubeadm reset"
    fi
    if [[ $ROLE == etcd && -d /var/lib/etcd/member ]]; then
      finding "already has the data of an etcd that kubeadm-ha did not make, in /var/lib/etcd; move them away first"
    fi
    return
  fi
  cluster=$(marker_field cluster) name=$(marker_field name) role=$(marker_field role)
  if [[ $cluster != "$CLUSTER_ID" ]]; then
    finding "belongs to another cluster of kubeadm-ha (id $cluster, host $name); run \`pulumi destroy\` on that stack, or restore its state if this is the same stack"
  elif [[ $name != "$HOST_NAME" || $role != "$ROLE" ]]; then
    finding "is $name, a $role of this cluster; remove that entry in one \`pulumi up\` and add this one in the next"
  fi
}

# A port may be in use only on a host that is already ours.
check_ports() {
  local port listening
  [[ ! -f $MARKER ]] || return 0
  # A kernel without IPv6 has no second file.
  listening=$({ cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true; } |
    awk '$4 == "0A" { sub(".*:", "", $2); print $2 }')
  for port in $PORTS; do
    ! grep -qixF "$(printf '%04X' "$port")" <<<"$listening" || finding "already has a program that listens on port $port"
  done
}
