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
  mount --bind "/dev/$device" "$root/dev/$device"
done
# What a test says about the machine: its memory, its swap …
if [[ -d $root/.proc ]]; then
  for file in "$root"/.proc/*; do
    mount --bind "$file" "$root/proc/${file##*/}"
  done
fi
if [[ -f $root/.mounts ]]; then
  while IFS=$'\t' read -r source target; do
    mount --bind "$source" "$root$target"
    mount -o remount,bind,ro "$root$target"
  done <"$root/.mounts"
fi
ip link set lo up

# Addresses and ports at which something is to listen: TCP accepts and says nothing, UDP answers every question with the
# same bytes.
listeners=()
if [[ -f $root/.listen ]]; then
  while read -r protocol address port reply; do
    ip address show dev lo | grep -qF "inet $address/" || ip address add "$address/32" dev lo
    # shellcheck disable=SC2016 # Perl's variables; the alarm ends it where nobody else does
    exec 3< <(exec perl -MIO::Socket::INET -e '
      my ($protocol, $address, $port, $reply, $log) = @ARGV;
      alarm 60;
      my $server = IO::Socket::INET->new(Proto => $protocol, LocalAddr => $address, LocalPort => $port,
        $protocol eq "tcp" ? (Listen => 5) : ()) or die $@;
      syswrite STDOUT, "listening\n";
      if ($protocol eq "tcp") { 1 while $server->accept }
      while (defined $server->recv(my $question, 512)) {
        open(my $file, ">>", $log);
        print $file unpack("H*", $question), "\n";
        close $file;
        $server->send(pack "H*", $reply);
      }' "$protocol" "$address" "$port" "$reply" "$root/.datagrams" </dev/null 2>/dev/null)
    listeners+=($!)
    read -r <&3
  done <"$root/.listen"
  exec 3<&-
fi

code=0
chroot "$root" /usr/bin/env -i PATH=/stubs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root "$@" || code=$?
((${#listeners[@]} == 0)) || kill "${listeners[@]}"
exit "$code"
