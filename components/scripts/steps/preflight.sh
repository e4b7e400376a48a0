# shellcheck shell=bash
# Looks whether a host can take its role, changes nothing, and reports everything that is wrong with it at once. Prints for
# the gate, `kind value` a line: what tells this machine from others, and where it has routes to; and `clock unsynchronised`,
# for a warning.
: "${HOST_NAME:?}" "${ADDRESS:?}" "${ROLE:?}" "${CLUSTER_ID:?}" "${PORTS:?}" "${GENERATION:?}"
: "${MINIMUM_CPUS:?}" "${MINIMUM_MEMORY_MIB:?}" "${MINIMUM_DISK_MIB:?}"
: "${REACH?}" "${DOUBTS?}"

export READ_ONLY=yes # for run_step: no log, no lock
FINDINGS=()
# 1 is what sudo says when it refuses: whoever reads this program's end can tell the two apart.
trap 'code=$?; ((code != 1)) || exit 3' EXIT

main() {
  check_system
  check_resources
  check_address
  check_owner
  check_ports
  check_swap
  check_reach
  check_doubts
  if ((${#FINDINGS[@]} > 0)); then
    {
      printf '%s: not fit for its role, %s; nothing was changed:\n' "$HOST_NAME" "$ROLE"
      printf '  - %s\n' "${FINDINGS[@]}"
    } >&2
    exit 3
  fi
  identities
  routes
  tell_clock
}

finding() {
  FINDINGS+=("$*")
}

check_system() {
  local system architecture
  # Debian's next release has no VERSION_ID.
  # shellcheck disable=SC1091
  system=$(
    . /etc/os-release 2>/dev/null || true
    printf '%s' "${ID:-an unknown system}${VERSION_ID:+ $VERSION_ID}"
  )
  case $system in
    "debian 12" | "ubuntu 22.04" | "ubuntu 24.04") ;;
    *) finding "runs $system; supported are Debian 12, Ubuntu 22.04 and 24.04" ;;
  esac
  architecture=$(uname -m)
  case $architecture in
    x86_64 | aarch64) ;;
    *) finding "has a $architecture processor; supported are x86_64 and aarch64" ;;
  esac
  [[ -d /run/systemd/system ]] || finding "is not run by systemd"
}

check_resources() {
  local cpus memory
  cpus=$(nproc)
  ((cpus >= MINIMUM_CPUS)) || finding "has $cpus CPU; its role, $ROLE, needs $MINIMUM_CPUS"
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  ((memory >= MINIMUM_MEMORY_MIB)) || finding "has $memory MiB of memory; its role, $ROLE, needs $MINIMUM_MEMORY_MIB"
  check_disk /var/lib "$MINIMUM_DISK_MIB"
  case $ROLE in
    control-plane | worker) check_own_disk /var/lib/containerd "$MINIMUM_DISK_MIB" ;;
  esac
  case $ROLE in
    control-plane | etcd) check_own_disk /var/lib/etcd 2048 ;;
  esac
}

# Only where it is a file system of its own; else it is a part of /var/lib.
check_own_disk() {
  ! mountpoint -q "$1" || check_disk "$1" "$2"
}

check_disk() {
  local disk
  # What is there already belongs to the role's need on a host that is ours.
  [[ ! -f $MARKER ]] || return 0
  disk=$(df --output=avail -m "$1" | tail -n 1)
  ((disk >= $2)) || finding "has $((disk)) MiB free in $1; its role, $ROLE, needs $2"
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
    if [[ -n $(find /etc/kubernetes -name '*.conf' -o -name '*.yaml' -o -name ca.crt 2>/dev/null) ]]; then
      finding "already has a Kubernetes that kubeadm-ha did not make; remove it first: kubeadm reset"
    fi
    # A reset of a node deletes what is there, too.
    if [[ $ROLE != load-balancer && -d /var/lib/etcd/member ]]; then
      finding "already has the data of an etcd that kubeadm-ha did not make, in /var/lib/etcd; move them away first"
    fi
    return
  fi
  read -r cluster name role <<<"$(owner)"
  if [[ $cluster != "$CLUSTER_ID" ]]; then
    finding "belongs to another cluster of kubeadm-ha (id $cluster, host $name); run \`pulumi destroy\` on that stack, or restore its state if this is the same stack"
  elif [[ $name != "$HOST_NAME" || $role != "$ROLE" ]]; then
    finding "is $name ($role) of this cluster; remove that entry in one \`pulumi up\` and add this one in the next"
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
    ! grep -qixF "$(printf '%04X' "$port")" <<<"$listening" || finding "already has a program that listens on port $port$(listener "$port")"
  done
}

# `: NAME, process ID` where ss can tell.
listener() {
  { ss -Hltnp "sport = :$1" 2>/dev/null || true; } |
    sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+),.*/: \1, process \2/p' | sort -u | head -n 1
}

# What /etc/fstab turns on is turned off by prepare, for good. Anything else comes back at the next boot, and the kubelet
# does not start.
check_swap() {
  case $ROLE in
    control-plane | worker) ;;
    *) return 0 ;;
  esac
  local only=/ device
  ! grep -qsE '^[^#]\S*\s+\S+\s+swap\s' /etc/fstab || only=/dev/zram
  device=$(awk -v only="$only" 'NR > 1 && index($1, only) == 1 { print $1; exit }' /proc/swaps 2>/dev/null) || true
  [[ -z $device ]] ||
    finding "has swap on $device that is not from /etc/fstab and would be back at every boot; remove what turns it on (zram-tools, a .swap unit), then \`swapoff -a\`"
}

# The API's endpoint must be within reach. Before anything listens there a refusal is an answer, too: what counts is that
# packets go there and come back.
check_reach() {
  [[ -n $REACH && ! -f $MARKER ]] || return 0
  local address=${REACH% *} port=${REACH#* } answer
  # shellcheck disable=SC2016 # expanded by the inner shell
  answer=$(timeout 8 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$address" "$port" 2>&1) && return 0
  [[ $answer == *"Connection refused"* ]] || {
    answer=${answer##*: }
    finding "does not reach the API's endpoint $address port $port: ${answer:-no answer in 8 s}; see to routes and packet filters between them"
  }
}

# What lies between this host and others shows where all are known, at the gate: clones of one machine look alike, and a way
# to a peer may be missing. A virtual IP is on nobody yet, and so but a peer to have a route to.
check_doubts() {
  local kind value other own
  own=$(identities)
  while read -r kind value other; do
    if [[ $kind == peer ]]; then
      ip -4 route get "$value" >/dev/null 2>&1 || finding "has no route to $other, $value; give it one"
      continue
    fi
    grep -qxF "$kind ${value:--}" <<<"$own" || continue
    case $kind in
      hostname) finding "has the same hostname as $other; give it its own: hostnamectl set-hostname $HOST_NAME" ;;
      machine-id) finding "has the same machine-id as $other, so one is a clone of the other; give it its own and reboot: rm /etc/machine-id && systemd-machine-id-setup" ;;
      *) finding "has the same $kind as $other, so one is a clone of the other; give the virtual machine its own" ;;
    esac
  done <<<"$DOUBTS"
}

# What tells a machine from others. The machine-id is confidential (machine-id(5)), so these are digests. A container shows its
# machine's product_uuid, and some makers give all machines the same one.
identities() {
  local uuid=""
  [[ ! -s /etc/machine-id ]] || printf 'machine-id %s\n' "$(digest </etc/machine-id)"
  if ! in_container; then
    uuid=$(tr -d ' \n' 2>/dev/null </sys/class/dmi/id/product_uuid) || true
  fi
  case ${uuid,,} in
    "" | 03000200-0400-0500-0006-000700080009 | *00000000-0000-0000-0000* | *ffffffff-ffff-ffff*) ;;
    *) printf 'product_uuid %s\n' "$(digest <<<"${uuid,,}")" ;;
  esac
  printf 'hostname %s\n' "$(uname -n)"
}

# The networks that a host without a default route has routes to, and those that it must not send to. A member's were looked
# at when it became one; by now there would be those of pods.
routes() {
  [[ -f $MARKER ]] || ip -4 route show | awk '
    /^default/ { all = 1 }
    /^[0-9]/ { some = some "route " $1 "\n" }
    /^(unreachable|blackhole|prohibit)/ { print "no-route", $2 }
    END { if (!all) printf some }'
}

digest() {
  {
    printf 'kubeadm-ha '
    cat
  } | sha256sum | cut -c 1-32
}

in_container() {
  systemd-detect-virt --container --quiet
}

# Nothing to refuse a host for: the clock may be kept by other means. trust waits where it is behind the certificates. A
# container has its machine's.
tell_clock() {
  local synchronised
  if in_container; then return; fi
  synchronised=$(timeout 5 timedatectl show --property NTPSynchronized --value 2>/dev/null) || return 0
  [[ $synchronised != no ]] || printf 'clock unsynchronised\n'
}
