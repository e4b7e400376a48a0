# shellcheck shell=bash
# shellcheck disable=SC2034 # the steps use what seems unused here
# What every step shares: its journal, its messages. (What changes the host: changes.sh. The cluster's API: node.sh, cluster.sh)
# A step sets its contract (: "${NAME:?}") and a function main; run_step does the rest.

set -Eeuo pipefail

STATE=/var/lib/kubeadm-ha
LIBRARY=/usr/local/lib/kubeadm-ha
LOG_DIRECTORY=/var/log/kubeadm-ha
LOG=/dev/null
MARKER=$STATE/marker
PKI=$STATE/pki
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# run_step STEP: takes the host's lock, unless the step only reads, and runs main without standard input, which may hold the
# rest of this very program.
run_step() {
  STEP=$1
  trap 'unexpected "$LINENO" "$BASH_COMMAND"' ERR
  trap 'die "stopped: it took longer than its time limit, or was asked to end"' TERM INT HUP
  umask 022
  [[ ${READ_ONLY:-no} == yes ]] || take_lock
  note "begin"
  main </dev/null
  note "end"
}

# note TEXT: into the host's journal (journalctl -t kubeadm-ha) and the step's log. Never a secret.
note() {
  logger -t kubeadm-ha -- "$STEP: $*" || true
  printf '%(%T)T %s\n' -1 "$*" >>"$LOG"
}

# die WHAT [WHAT-TO-DO]: ends the step with a message that names the host. Where a file system is full that comes first,
# whatever else has failed: programs that cannot write often cannot say so either.
die() {
  trap - ERR TERM INT HUP
  local full
  full=$(full_file_systems)
  {
    printf '%s: %s: %s\n' "${HOST_NAME:-$(uname -n)}" "${STEP:-step}" "$1"
    if [[ -n $full ]]; then
      printf '  no space left on device: %s\n' "${full//$'\n'/, }"
      printf '  what to do: make room there, then run Pulumi again%s\n' "${2:+. If that was not the reason: $2}"
    else
      printf '  what to do: %s\n' "${2:-see $LOG_DIRECTORY/${STEP:-step}.log and journalctl -t kubeadm-ha on the host, then run Pulumi again}"
    fi
  } >&2
  logger -t kubeadm-ha -- "${STEP:-step}: failed: $1" || true
  exit 1
}

# full_file_systems: those of the folders that steps and their programs write to, as far as they are there, which have less
# than a MiB left, or no inode, a line each.
full_file_systems() {
  timeout 5 df -k --output=target,avail,itotal,iavail / /run /tmp /var{,/log,/log/kubeadm-ha} \
    /var/lib/{kubeadm-ha,kubelet,containerd,etcd} 2>/dev/null | awk '
    NR == 1 || told[$1]++ { next }
    $2 < 1024 { print $1 " (" $2 " KiB free)"; next }
    $3 > 0 && $4 == 0 { print $1 " (no inodes free)" }' || true
}

# The command's text, not its values, so that no secret can show, and the functions that it stands in.
unexpected() {
  die "failed at line $1: ${2%%$'\n'*} (${FUNCNAME[*]:1})"
}

# owner: whose the host is, by its marker: cluster, name, role. Nothing without a marker.
owner() {
  [[ ! -f $MARKER ]] || sed 's/.*=//' "$MARKER" | xargs
}
