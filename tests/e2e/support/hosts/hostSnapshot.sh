#!/bin/bash
# Runs on a host, as root: tells what there is on it, one thing a line: kind, name, and what it is like, parted by tabs
# (see hostSnapshot.ts). It changes nothing, and nothing that it tells changes by itself.
set -euo pipefail
export LC_ALL=C

# What is not looked at: the kernel's own files; what systemd keeps for itself while it runs (units are told by name); the
# journal's files, which journald makes and ends as it likes.
VOLATILE=(/proc /sys /dev /run/systemd /run/log/journal /var/log/journal)
# Whose files' contents count. Below /var and /run programs write all the time.
CONTENTS=(/etc /usr /opt /srv /root /home)

main() {
  # Settled: no unit is about to start or to stop.
  timeout 60 systemctl is-system-running --wait >/dev/null || true
  files
  awk '{ type = ""; for (i = 6; i <= NF; i++) if ($i == "-") type = $(i + 1); print "mount\t" $5 "\t" type }' /proc/self/mountinfo
  ip -oneline link show | awk '{ sub("[:@].*", "", $2); print "interface\t" $2 "\t" }'
  ip -oneline address show | awk '{ print "address\t" $2 " " $4 "\t" }'
  { ip -4 route show table all && ip -6 route show table all; } | sed -E 's/ expires [0-9a-z]+//; s/^(.*\S)\s*$/route\t\1\t/'
  { ip -4 rule show && ip -6 rule show; } | awk '{ $1 = $1; print "rule\t" $0 "\t" }'
  systemctl list-unit-files --plain --no-legend | awk '{ print "unit-file\t" $1 "\t" $2 }'
  systemctl list-units --all --state=active,failed --plain --no-legend |
    awk '$1 !~ /\.(mount|device)$/ { print "unit\t" $1 "\t" $2 " " $3 }'
  # All but this program's own.
  ps -e -o sid=,comm= | awk -v own="$(ps -o sid= -p $$)" '$1 != own + 0 && !told[$2]++ { print "process\t" $2 "\t" }'
  getent passwd | awk -F: '{ print "user\t" $1 "\t" $3 ":" $4 ":" $6 ":" $7 }'
  getent group | awk -F: '{ print "group\t" $1 "\t" $3 ":" $4 }'
  dpkg-query -W -f 'package\t${Package}\t${db:Status-Abbrev} ${Version}\n'
  # Asking apt would make it write its cache.
  awk '/^Package:/ { name = $2 } /^Auto-Installed: 1/ { print "automatic\t" name "\t" }' /var/lib/apt/extended_states || true
  sysctls
}

files() {
  local path prune=()
  for path in "${VOLATILE[@]}"; do prune+=(-o -path "$path"); done
  # What vanishes meanwhile makes find and sha256sum fail.
  find / \( "${prune[@]:1}" \) -prune -o -printf 'file\t%p\t%y %m %u:%g %l\n' || true
  { find "${CONTENTS[@]}" -xdev -type f -print0 | xargs -0 --no-run-if-empty sha256sum --; } |
    sed -nE 's/^([0-9a-f]{12})[0-9a-f]*  (.*)$/content\t\2\t\1/p' || true
}

# Those that the product sets.
sysctls() {
  local name file
  for name in net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables; do
    file=/proc/sys/${name//.//}
    if [[ -r $file ]]; then printf 'sysctl\t%s\t%s\n' "$name" "$(<"$file")"; fi
  done
}

main </dev/null
