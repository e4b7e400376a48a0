# shellcheck shell=bash
# What the steps share that ask whether something listens: those of balancers, of etcd's hosts, of the founder.

# tcp_open HOST PORT: does it accept a connection?
tcp_open() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}
