#!/usr/bin/bash
# An etcd cluster made of files, for the scripts' tests: what they ask of etcdctl.
#   /etcd/members       `member list`                       /etcd/up/ADDRESS       that member's etcd runs
#   /etcd/keys/…        what etcd keeps                     /etcd/version/ADDRESS  what it runs, else 3.7.3
#   /etcd/leader        the leader's id                     /etcd/sick/ADDRESS     `endpoint health` fails there
#   /etcd/alarms        `alarm list`                        /etcd/late             `member remove` is done, and not answered
#   /etcd/leaderless    as many times a write is not answered
#   /etcd/busy          as many times etcd takes no new member; /etcd/behind: as many times a learner lacks data
set -euo pipefail

fail() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}

[[ $1 == --endpoints=https://*:2379 ]] || fail "nobody expected: $*"
address=${1#--endpoints=https://}
address=${address%:2379}
while [[ ${1:-} == --* ]]; do shift; done
[[ -e /etcd/up/$address ]] || fail "context deadline exceeded"

own=$(grep -F "https://$address:2380" /etcd/members) || fail "context deadline exceeded"
voters=0 running=0
while IFS=', ' read -r _ _ _ peer _ learner; do
  [[ $learner == false ]] || continue
  voters=$((voters + 1))
  host=${peer#https://}
  [[ ! -e /etcd/up/${host%:2380} ]] || running=$((running + 1))
done < <(sed 's/, , /, -, /g; s/, , /, -, /g' /etcd/members)

# What only a voter answers, and only with a majority.
decide() {
  [[ $own != *true ]] || fail "etcdserver: rpc not supported for learner"
  ((running >= voters / 2 + 1)) || fail "context deadline exceeded"
}

# countdown FILE: is it still so? It is one time less each time somebody asks.
countdown() {
  local left
  left=$(cat "$1" 2>/dev/null || echo 0)
  ((left > 0)) || return 1
  echo $((left - 1)) >"$1"
}

case "$*" in
  'endpoint status -w fields')
    printf '"MemberID" : %s\n"Leader" : %s\n' "${own%%, *}" "$(cat /etcd/leader 2>/dev/null || echo 0)"
    printf '"Version" : "%s"\n' "$(cat "/etcd/version/$address" 2>/dev/null || echo 3.7.3)"
    exit
    ;;
esac
decide
case "$*" in
  'endpoint health') [[ ! -e /etcd/sick/$address ]] || fail "unhealthy cluster" ;;
  'member list') cat /etcd/members ;;
  'alarm list') cat /etcd/alarms 2>/dev/null || true ;;
  'member remove '*)
    line=$(grep "^$3, " /etcd/members) || fail "etcdserver: member not found"
    host=${line#*, https://}
    rm -f "/etcd/up/${host%%:*}"
    sed -i "/^$3, /d" /etcd/members
    [[ ! -e /etcd/late ]] || fail "context deadline exceeded"
    ;;
  'member add '*)
    url=${4#--peer-urls=}
    [[ $5 == --learner ]] || fail "nobody expected: $*"
    ! grep -q ', true$' /etcd/members || fail "etcdserver: too many learner members in cluster"
    ! grep -qF ", $url, " /etcd/members || fail "etcdserver: Peer URLs already exists"
    ! countdown /etcd/busy || fail "etcdserver: unhealthy cluster"
    number=$(($(cat /etcd/added 2>/dev/null || echo 0) + 1))
    echo "$number" >/etcd/added
    printf 'new%s, unstarted, , %s, , true\n' "$number" "$url" >>/etcd/members
    ;;
  'member promote '*)
    grep -q "^$3, started, .*, true\$" /etcd/members || fail "etcdserver: can only promote a learner member"
    ! countdown /etcd/behind || fail "etcdserver: can only promote a learner member which is in sync with leader"
    sed -i "/^$3, /s/true\$/false/" /etcd/members
    ;;
  'move-leader '*)
    [[ $(cat /etcd/leader) == "${own%%, *}" ]] || fail "no leader endpoint found"
    echo "$2" >/etcd/leader
    ;;
  'get '*' --keys-only') [[ ! -e /etcd/keys/$2 ]] || echo "$2" ;;
  'get '*' --print-value-only') cat "/etcd/keys/$2" 2>/dev/null || true ;;
  'put '*)
    ! countdown /etcd/leaderless || fail "etcdserver: request timed out"
    mkdir -p "/etcd/keys/${2%/*}"
    printf '%s\n' "$3" >"/etcd/keys/$2"
    ;;
  *) fail "nobody expected: etcdctl $*" ;;
esac
