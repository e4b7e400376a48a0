# shellcheck shell=bash
# Takes from a host all that this product put there. It never talks to the cluster, it acts only on a host whose marker
# is this very host's, and it succeeds on a clean or a half-made one. What its role had is removed by remove_role, which
# stands in a file for each kind of host.
: "${HOST_NAME:?}" "${ROLE:?}" "${CLUSTER_ID:?}" "${LOGIN_USER:?}"

export TAKE_OVER=yes # for run_step, which calls end_lock_holder: what still runs here would undo this
FOLDERS=()           # go at the end, as far as they are empty then

main() {
  if [[ ! -f $MARKER ]]; then
    note "nothing of ours here"
    # But for the library, and the marker half-written, where a preparation or a teardown was cut off.
    [[ -n $(find "$STATE" -type f ! -name 'marker.*' 2>>"$LOG" || true) ]] || remove_our_folders
    return
  fi
  if [[ $(owner) != "$CLUSTER_ID $HOST_NAME $ROLE" ]]; then
    note "this machine is someone else's now ($(owner)): left as it is"
    return
  fi
  remove_role
  [[ ! -e /etc/hosts ]] || write_hosts_entries ""
  remove_packages
  remove_folders
  rm -f /etc/apt/sources.list.d/kubeadm-ha.list /etc/apt/keyrings/kubeadm-ha.asc
  note "clean"
  # The marker is the last but for the library: who is cut off before that can go on, and after it has nothing to do.
  find "$STATE" -mindepth 1 ! -path "$MARKER" -delete
  remove_our_folders
}

remove_our_folders() {
  rm -rf "$STATE"
  LOG=/dev/null
  # A library without `run` is none.
  rm -f "$LIBRARY/run"
  rm -rf "$LIBRARY" /run/kubeadm-ha "$LOG_DIRECTORY"
}

# What our steps brought, its dependencies included, as far as nothing else on the host needs it by now: apt itself says
# what that is once our packages count as nobody's wish. Who merely recommends one did without it before (perl: netbase).
remove_packages() {
  [[ -s $STATE/packages ]] || return 0
  local ours unneeded unfinished apt=(apt-get -q -y -o DPkg::Lock::Timeout=300)
  apt+=(-o APT::AutoRemove::SuggestsImportant=false -o APT::AutoRemove::RecommendsImportant=false)
  mapfile -t ours < <(sort -u "$STATE/packages")
  if dpkg_interrupted; then
    finish_packages
    # What is only half there has nothing that needs it. apt would want to complete it first.
    mapfile -t unfinished < <(unfinished_packages | grep -xFf "$STATE/packages" || true)
    ((${#unfinished[@]} == 0)) || attempt dpkg --purge --force-depends --force-remove-reinstreq "${unfinished[@]}"
  fi
  attempt apt-mark unhold "${ours[@]}"
  attempt apt-mark auto "${ours[@]}"
  mapfile -t unneeded < <("${apt[@]}" --simulate autoremove 2>>"$LOG" | awk '/^Remv / { print $2 }' |
    grep -xFf <(printf '%s\n' "${ours[@]}") || true)
  ((${#unneeded[@]} == 0)) || attempt "${apt[@]}" purge "${unneeded[@]}"
}

# brought PACKAGE...: have our steps brought one of them?
brought() {
  grep -qsxFf <(printf '%s\n' "$@") "$STATE/packages"
}

# A mount point stays, as the root of a new file system is.
remove_folders() {
  local folder
  for folder in "${FOLDERS[@]}"; do
    [[ -d $folder && -z $(ls -A "$folder") ]] || continue
    rmdir "$folder" 2>/dev/null || attempt install -d -m 0755 -o root -g root "$folder"
  done
  # dpkg takes it away with the last package that has something there.
  mkdir -p /opt
}

# restore FILE: as it was before us, if there was one.
restore() {
  if [[ -f $1.before-kubeadm-ha ]]; then
    mv -f "$1.before-kubeadm-ha" "$1"
  elif grep -qs 'Written by kubeadm-ha' "$1"; then
    rm -f "$1"
  fi
}

# empty FOLDER...: their contents go, they stay: they may be mount points.
empty() {
  local folder
  for folder; do
    [[ ! -d $folder ]] || attempt find "$folder" -mindepth 1 -xdev -delete
  done
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

# attempt COMMAND...: its failure is no reason to leave the rest undone.
attempt() {
  "$@" >>"$LOG" 2>&1 || note "\`${*:1:3}\` failed; going on"
}
