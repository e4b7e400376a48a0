# shellcheck shell=bash
# shellcheck disable=SC2034 # the steps use what seems unused here
# What every step shares: its journal, its lock, bounded waits, files written whole. (The cluster's API: cluster.sh)
# A step sets its contract (: "${NAME:?}") and a function main; run_step does the rest.

set -Eeuo pipefail

STATE=/var/lib/kubeadm-ha
LIBRARY=/usr/local/lib/kubeadm-ha
LOG_DIRECTORY=/var/log/kubeadm-ha
LOG=/dev/null
LOCK=/run/kubeadm-ha/lock
MARKER=$STATE/marker
PKI=$STATE/pki
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# run_step STEP: takes the host's lock (unless the step only reads), so that no two steps (nor an old one whose connection was lost) work at once,
# and runs main without standard input, which may hold the rest of this very program.
run_step() {
  STEP=$1
  trap 'unexpected "$LINENO" "$BASH_COMMAND"' ERR
  trap 'die "stopped: it took longer than its time limit, or was asked to end"' TERM INT HUP
  umask 022
  if [[ ${READ_ONLY:-no} == no ]]; then
    install -d -m 0700 "$LOG_DIRECTORY" /run/kubeadm-ha
    LOG=$LOG_DIRECTORY/$STEP.log
    : >"$LOG"
    exec 9<>"$LOCK"
    if [[ ${TAKE_OVER:-no} == yes ]]; then end_lock_holder; fi
    flock -w 600 9 || die "another step has been running on this host for ten minutes" \
      "journalctl -t kubeadm-ha shows which; end process $(<"$LOCK") if it hangs"
    printf '%s\n' "$$" >"$LOCK"
  fi
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
    elif [[ -n ${2:-} ]]; then
      printf '  what to do: %s\n' "$2"
    fi
  } >&2
  logger -t kubeadm-ha -- "${STEP:-step}: failed: $1" || true
  exit 1
}

# full_file_systems: those of the folders that steps and their programs write to which have less than a MiB left, or no
# inode, a line each.
full_file_systems() {
  local folder folders=()
  for folder in / /run /tmp /var /var/log "$LOG_DIRECTORY" /var/lib/{kubeadm-ha,kubelet,containerd,etcd}; do
    [[ ! -d $folder ]] || folders+=("$folder")
  done
  timeout 5 df -k --output=target,avail,itotal,iavail "${folders[@]}" 2>/dev/null | awk '
    NR == 1 || told[$1]++ { next }
    $2 < 1024 { print $1 " (" $2 " KiB free)"; next }
    $3 > 0 && $4 == 0 { print $1 " (no inodes free)" }' || true
}

# The command's text, not its values, so that no secret can show.
unexpected() {
  die "failed at line $1: ${2%%$'\n'*}" "see $LOG_DIRECTORY/${STEP:-step}.log and journalctl -t kubeadm-ha on the host"
}

# wait_until SECONDS WHAT COMMAND...: asks again and again until the command succeeds.
wait_until() {
  local limit=$1 what=$2 begin=$SECONDS
  shift 2
  until "$@" >>"$LOG" 2>&1; do
    ((SECONDS - begin < limit)) || return 1
    sleep 0.3
  done
  ((SECONDS - begin < 2)) || note "waited $((SECONDS - begin)) s for $what"
}

# marker_field NAME: what the host's marker says (cluster, name, role); empty without a marker.
marker_field() {
  [[ ! -f $MARKER ]] || sed -n "s/^$1=//p" "$MARKER"
}

# tcp_open HOST PORT [SECONDS]: does it accept a connection?
tcp_open() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout "${3:-2}" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}
