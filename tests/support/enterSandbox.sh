#!/usr/bin/env bash
# Runs a program in a throw-away root, in namespaces of its own (see sandbox.ts).
# usage: unshare … enterSandbox.sh ROOT COMMAND [ARGUMENT...]
set -euo pipefail

root=$1
shift

# The machine's programs, which nobody in here can change; /usr/local is the sandbox's own.
mount --bind /usr "$root/usr"
mount -o remount,bind,ro "$root/usr"
mount --bind "$root/.usr-local" "$root/usr/local"
mount --rbind /etc/alternatives "$root/etc/alternatives"
mount --rbind /proc "$root/proc"
# Kernel settings that are not a network's own are the machine's.
mount -o remount,bind,ro,nosuid,nodev,noexec "$root/proc"
for device in null zero random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
# What a test says about the machine: its memory, its swap …
if [[ -d $root/.proc ]]; then
  for file in "$root"/.proc/*; do
    mount --bind "$file" "$root/proc/${file##*/}"
  done
fi
ip link set lo up

exec chroot "$root" /usr/bin/env -i PATH=/stubs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root "$@"
