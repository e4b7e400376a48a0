# shellcheck shell=bash
# What preparing a host and cleaning it share: an installation of packages that was cut off.

# dpkg_interrupted: was dpkg cut off in the middle of its work (power lost, or a step ended)? Before that work has been ended apt
# does nothing. It looks the same while another installation is under way.
dpkg_interrupted() {
  compgen -G '/var/lib/dpkg/updates/[0-9]*' >/dev/null || [[ -n $(unfinished_packages) ]]
}

# unfinished_packages: what is neither installed nor away, a name a line.
unfinished_packages() {
  dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' | sed -nE 's/^(.[UFHWt].|..R)\|//p'
}

# finish_packages: has dpkg end what it can end by itself: what was unpacked is configured.
finish_packages() {
  note "an installation was interrupted here: ending it"
  dpkg --configure -a --force-confdef --force-confold >>"$LOG" 2>&1 || true
}
