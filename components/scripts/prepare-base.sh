# shellcheck shell=bash
# What preparing any host begins with: whose it is, our programs, where packages come from, names in /etc/hosts.
: "${HOST_NAME:?}" "${ROLE:?}" "${CLUSTER_ID:?}" "${GENERATION:?}" "${APT_SOURCE:?}"
: "${APT_KEY?}" "${APT_KEY_URL?}" "${APT_MIRROR_ONLY:?}" "${HOSTS_ENTRIES?}"

APT_LIST=/etc/apt/sources.list.d/kubeadm-ha.list
APT_KEYRING=/etc/apt/keyrings/kubeadm-ha.asc

prepare_base() {
  install -d -m 0700 "$STATE"
  write_marker
  install_library
  write_hosts_entries
  configure_apt
}

# The marker comes first: from here on the host is ours to clean up.
write_marker() {
  if [[ -f $MARKER ]]; then
    local owner
    owner="$(marker_field cluster) $(marker_field name) $(marker_field role)"
    [[ $owner == "$CLUSTER_ID $HOST_NAME $ROLE" ]] || die "this machine belongs to someone else: $owner" \
      "remove that entry in one \`pulumi up\`, add this one in the next"
  fi
  put "$MARKER" 0600 "cluster=$CLUSTER_ID
name=$HOST_NAME
role=$ROLE"
}

# The names the stack wants known on every host, as one block that can be found again.
write_hosts_entries() {
  local begin='# begin kubeadm-ha' end='# end kubeadm-ha' rest
  rest=$(sed "/^$begin\$/,/^$end\$/d" /etc/hosts)
  [[ -n $HOSTS_ENTRIES || $rest != "$(cat /etc/hosts)" ]] || return 0
  [[ -z $HOSTS_ENTRIES ]] || rest+=$'\n'"$begin"$'\n'"${HOSTS_ENTRIES%$'\n'}"$'\n'"$end"
  # Written in place: in a container /etc/hosts is a mount point, which nothing can be renamed over.
  printf '%s\n' "$rest" >/etc/hosts
}

configure_apt() {
  mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d
  if [[ -n $APT_KEY ]]; then
    put "$APT_KEYRING" 0644 "$APT_KEY"
  elif [[ ! -s $APT_KEYRING ]]; then
    packages curl ca-certificates
    quiet curl -fsSL --retry 3 -m 60 -o "$APT_KEYRING.new" "$APT_KEY_URL"
    chmod 0644 "$APT_KEYRING.new"
    mv "$APT_KEYRING.new" "$APT_KEYRING"
  fi
  if write_file "$APT_LIST" 0644 <<<"${APT_SOURCE%$'\n'}"; then rm -f "$STATE/apt-updated"; fi
}

# With a mirror, apt is shown the mirror alone: the host's own sources may lead to where it cannot reach. They stay as
# they are, and so do their lists.
apt() {
  local options=(-q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o APT::Get::List-Cleanup=0)
  if [[ $APT_MIRROR_ONLY == yes ]]; then
    options+=(-o "Dir::Etc::sourcelist=$APT_LIST" -o Dir::Etc::sourceparts=-)
  fi
  quiet apt-get "${options[@]}" "$@"
}

# packages NAME[=VERSION]...: installs those that are missing, and remembers for the teardown all that came with them. What
# is installed keeps its version: changing that is an upgrade, not a preparation.
packages() {
  local package before missing=()
  for package; do
    installed "${package%%=*}" || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  if [[ ! -f $STATE/apt-updated ]]; then
    apt update
    touch "$STATE/apt-updated"
  fi
  note "installing ${missing[*]}"
  before=$(installed_packages)
  # Named before the work begins: a run that dies half-way has brought these, whatever else.
  printf '%s\n' "${missing[@]%%=*}" >>"$STATE/packages"
  apt install --no-install-recommends "${missing[@]}"
  comm -13 <(printf '%s\n' "$before") <(installed_packages) >>"$STATE/packages"
}

installed_packages() {
  dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | awk '$1 == "ii" || $1 == "hi" { print $2 }' | sort -u
}

installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}
