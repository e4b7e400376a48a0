# shellcheck shell=bash
# What the scripts of the hand-driven limit share: which hosts there are, and how to reach them.
# NET: the first three parts of the addresses of the hosts; PORTS: the first two digits of their SSH ports; WORK: a folder.
: "${NET:?}" "${PORTS:?}"
: "${SSH_KEY:?}" "${KNOWN_HOSTS:?}" "${SSH_USER:?}" "${APT_KEY:?}" "${MIRROR:?}" "${WORK:?}"
: "${KUBERNETES_VERSION:?}" "${FLANNEL_IMAGES:?}"

declare -A LAST=([lb]=10 [cp1]=11 [cp2]=12 [cp3]=13 [w1]=21 [w2]=22)
export CONTROL_PLANES=(cp1 cp2 cp3) WORKERS=(w1 w2)
SSH=(-F none -i "$SSH_KEY" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR
  -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$KNOWN_HOSTS" -o GlobalKnownHostsFile=none)

# address HOST: where the others reach it.
address() {
  printf '%s.%s' "$NET" "${LAST[$1]}"
}

# on HOST SCRIPT: runs it there as root.
on() {
  local host=$1 script=$2
  timeout 300 ssh "${SSH[@]}" -p "$PORTS${LAST[$host]}" "$SSH_USER@127.0.0.1" sudo -n bash -c "$(printf '%q' "$script")"
}

# put HOST FILE MODE: standard input becomes the file.
put() {
  on "$1" "umask 077; mkdir -p '${2%/*}'; cat > '$2'; chmod $3 '$2'"
}

# all FUNCTION HOST...: the function for every host at once.
all() {
  local function=$1 host running=()
  shift
  for host; do
    "$function" "$host" &
    running+=($!)
  done
  for host in "${running[@]}"; do wait "$host"; done
}

# timed NAME COMMAND...: tells how long it took.
timed() {
  local name=$1 begin=${EPOCHREALTIME/./}
  shift
  # Never in a condition: then nothing in it would end this program by failing.
  "$@"
  printf 'TIME %s %d ms\n' "$name" "$(((${EPOCHREALTIME/./} - begin) / 1000))"
}
