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

# Addresses and ports at which something is to listen: it accepts and says nothing.
listeners=()
if [[ -f $root/.listen ]]; then
  while read -r address port; do
    ip address show dev lo | grep -qF "inet $address/" || ip address add "$address/32" dev lo
    # shellcheck disable=SC2016 # Perl's variables; the alarm ends it where nobody else does
    exec 3< <(exec perl -MIO::Socket::INET -e '
      alarm 60;
      my $server = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1], Listen => 5) or die $@;
      syswrite STDOUT, "listening\n";
      1 while $server->accept' "$address" "$port" </dev/null 2>/dev/null)
    listeners+=($!)
    read -r <&3
  done <"$root/.listen"
  exec 3<&-
fi

code=0
chroot "$root" /usr/bin/env -i PATH=/stubs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root "$@" || code=$?
((${#listeners[@]} == 0)) || kill "${listeners[@]}"
exit "$code"
