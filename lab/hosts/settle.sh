#!/bin/bash
# Runs on a host, as root, each time the lab has started it: gives it what an installer would have left (its own name, where
# names are resolved, the user's SSH key), waits until it has made its host keys, and prints the public one.
# usage: settle.sh USER PUBLIC_KEY RESOLV_CONF
set -euo pipefail

replace() { # FILE MODE; the new content comes on standard input
  cat >"$1.new"
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
}

main() {
  local user=$1 public_key=$2 resolv_conf=$3
  local name key=/etc/ssh/ssh_host_ed25519_key.pub
  name=$(hostname)

  # Only where the name is missing: the rest of the file belongs to whoever uses the host.
  if ! grep -qsw "$name" /etc/hosts; then
    printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost ip6-loopback\n' "$name" | replace /etc/hosts 644
  fi
  printf '%s\n' "$resolv_conf" | replace /etc/resolv.conf 644

  local home
  home=$(getent passwd "$user" | cut -d: -f6)
  install -d -m 700 -o "$user" -g "$user" "$home/.ssh"
  printf '%s\n' "$public_key" | replace "$home/.ssh/authorized_keys" 600
  chown "$user:$user" "$home/.ssh/authorized_keys"

  local deadline=$((SECONDS + 120))
  until [ -s "$key" ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "$name has not made its SSH host key within two minutes; see: journalctl -b" >&2
      exit 1
    fi
    sleep 0.1
  done
  cut -d' ' -f1,2 "$key"
}

main "$@" </dev/null
exit
