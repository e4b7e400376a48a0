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

# end_lock_holder: ends an old step whose connection was lost, with all its children; `timeout`, which runs each step,
# leads a process group of its own.
end_lock_holder() {
  local holder group
  flock -n 9 && return
  holder=$(<"$LOCK")
  group=$(ps -o pgid= -p "${holder:-0}" | tr -d ' ') || return 0
  note "ending the step of process $holder, which still runs"
  kill -TERM -- "-$group" 2>>"$LOG" || return 0
  wait_until 20 "the old step to end" flock -n 9 || kill -KILL -- "-$group" 2>>"$LOG" || true
}

# note TEXT: into the host's journal (journalctl -t kubeadm-ha) and the step's log. Never a secret.
note() {
  logger -t kubeadm-ha -- "$STEP: $*" || true
  printf '%(%T)T %s\n' -1 "$*" >>"$LOG"
}

# die WHAT [WHAT-TO-DO]: ends the step with a message that names the host.
die() {
  trap - ERR TERM INT HUP
  {
    printf '%s: %s: %s\n' "${HOST_NAME:-$(uname -n)}" "${STEP:-step}" "$1"
    [[ -z ${2:-} ]] || printf '  what to do: %s\n' "$2"
  } >&2
  logger -t kubeadm-ha -- "${STEP:-step}: failed: $1" || true
  exit 1
}

# The command's text, not its values, so that no secret can show.
unexpected() {
  die "failed at line $1: ${2%%$'\n'*}" "see $LOG_DIRECTORY/${STEP:-step}.log and journalctl -t kubeadm-ha on the host"
}

# quiet COMMAND...: runs it with its output in the step's log; where it fails, the end of that output is the message.
quiet() {
  local lines
  lines=$(wc -l <"$LOG")
  "$@" >>"$LOG" 2>&1 || die "\`$(cut -c 1-120 <<<"$*")\` failed:
$(tail -n "+$((lines + 1))" "$LOG" | sed '/^$/d' | tail -n 15 | cut -c 1-400 | sed 's/^/    /')" \
    "the whole output is in $LOG on the host"
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

# write_file PATH MODE < TEXT: whole or not at all; answers 1 where the file had this text already.
write_file() {
  local path=$1 mode=$2 temporary
  mkdir -p "${path%/*}"
  # Callers ask for the answer, which takes the failures' effect away: they are spelled out.
  if ! { temporary=$(mktemp "$path.XXXXXX") && cat >"$temporary" && chmod "$mode" "$temporary"; }; then
    die "cannot write $path"
  fi
  if cmp -s "$temporary" "$path"; then
    chmod "$mode" "$path"
    rm -f "$temporary"
    return 1
  fi
  mv -f "$temporary" "$path" || die "cannot write $path"
}

# put PATH MODE TEXT: write_file for a value, where it does not matter whether it changed.
put() {
  write_file "$1" "$2" <<<"${3%$'\n'}" || true
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

# wait_for_clock CERTIFICATE: the stack's certificates begin to be valid the moment Pulumi made them, on its machine's
# clock. A host whose clock is behind would refuse them.
wait_for_clock() {
  local begin
  begin=$(date -d "$(openssl x509 -noout -startdate -in "$1" | cut -d= -f2)" +%s)
  wait_until 60 "the clock to reach the certificates' start" clock_past "$begin" ||
    die "the clock is $((begin - $(date +%s))) s behind the start of the cluster's certificates" \
      "synchronise this host's clock and that of the machine that runs Pulumi (chrony or systemd-timesyncd)"
}

clock_past() {
  (($(date +%s) >= $1))
}
