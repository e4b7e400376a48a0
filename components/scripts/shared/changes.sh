# shellcheck shell=bash
# What the steps share that change their host, beside lib.sh: its lock, bounded waits, files are written whole, commands fail
# with their own words, certificates are waited for.

ETCD_IS_FULL="etcd is out of space (alarm NOSPACE): follow \"No space left\" in docs/operations.md (delete what fills it,\
 compact, defragment every member, disarm the alarm), then run \`pulumi up\` again"

LOCK=/run/kubeadm-ha/lock

# take_lock: no two steps, nor an old one whose connection was lost, work at once on a host. Begins the step's log, too.
take_lock() {
  install -d -m 0700 "$LOG_DIRECTORY" "${LOCK%/*}"
  LOG=$LOG_DIRECTORY/$STEP.log
  : >"$LOG"
  exec 9<>"$LOCK"
  if [[ ${TAKE_OVER:-no} == yes ]]; then end_lock_holder; fi
  flock -w 600 9 || die "another step has been running on this host for ten minutes" \
    "journalctl -t kubeadm-ha shows which; end process $(<"$LOCK") if it hangs"
  printf '%s\n' "$$" >"$LOCK"
}

# wait_until SECONDS WHAT COMMAND...: asks again and again until the command succeeds.
wait_until() {
  local limit=$1 what=$2 begin=$SECONDS
  shift 2
  until "$@" >>"$LOG" 2>&1; do
    ((SECONDS - begin < limit)) || return 1
    sleep 0.3
  done
  waited "$begin" "$what"
}

# waited BEGIN WHAT: says so where it was long.
waited() {
  ((SECONDS - $1 < 2)) || note "waited $((SECONDS - $1)) s for $2"
}

# quiet COMMAND...: runs it with its output in the step's log; where it fails, the end of that output is the message.
quiet() {
  must "" "" "$@"
}

# must WHAT WHAT-TO-DO COMMAND...: the same for what deserves words of its own when it fails.
must() {
  local what=$1 advice=$2 lines said
  shift 2
  lines=$(wc -l <"$LOG")
  if "$@" >>"$LOG" 2>&1; then return; fi
  what=${what:-"\`$(cut -c 1-120 <<<"$*")\` failed"}
  said=$(tail -n "+$((lines + 1))" "$LOG" | sed '/^$/d' | tail -n 15 | sed -E 's/\x1b\[[0-9;]*[A-Za-z]//g' |
    cut -c 1-400 | sed 's/^/    /')
  # By whichever way it reaches etcd.
  if [[ $said =~ "database space exceeded"|NOSPACE ]]; then advice=$ETCD_IS_FULL; fi
  die "$what:
$said" "${advice:+$advice; }the whole output is in $LOG on the host"
}

# write_file PATH MODE [COMMAND...] < TEXT: whole or not at all, also where the power goes; answers 1 where the file had this
# text already. The command runs before the text of before is gone.
write_file() {
  local path=$1 mode=$2 temporary
  mkdir -p "${path%/*}"
  # Callers ask for the answer, which takes the failures' effect away: they are spelled out.
  if ! { temporary=$(mktemp "$path.XXXXXX") && cat >"$temporary" && chmod "$mode" "$temporary"; }; then
    [[ -z $temporary ]] || rm -f "$temporary"
    die "cannot write $path"
  fi
  if cmp -s "$temporary" "$path"; then
    chmod "$mode" "$path"
    rm -f "$temporary"
    return 1
  fi
  if ! { sync "$temporary" && "${@:3}" && mv -f "$temporary" "$path"; }; then
    rm -f "$temporary"
    die "cannot write $path"
  fi
}

# put PATH MODE TEXT: write_file for a value, where it does not matter whether it changed.
put() {
  write_file "$1" "$2" <<<"${3%$'\n'}" || true
}

# write_hosts_entries TEXT: the names the stack wants known on every host, in /etc/hosts as one block that can be found again.
write_hosts_entries() {
  local rest
  rest=$(sed '/^# begin kubeadm-ha$/,/^# end kubeadm-ha$/d' /etc/hosts)
  [[ -n $1 || $rest != "$(cat /etc/hosts)" ]] || return 0
  [[ -z $1 ]] || rest+=$'\n# begin kubeadm-ha\n'"${1%$'\n'}"$'\n# end kubeadm-ha'
  # Written in place: in a container /etc/hosts is a mount point, which nothing can be renamed over.
  printf '%s\n' "$rest" >/etc/hosts
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
