import type { Allowed } from "./hostDifferences";

/**
 * How a host may differ after `pulumi destroy` from what it was before the first `pulumi up`: everything else fails the story,
 * and so does a line that is not needed.
 */
export const allowedDifferences: readonly Allowed[] = [
  {
    line: /file \/var\/log\/apt\/(eipp\.log\.xz|history\.log|term\.log) appeared/,
    why: "apt's record of what was installed and removed: its administrator's, not ours to delete",
  },
  {
    line: /file \/var\/log\/(dpkg|alternatives)\.log appeared/,
    why: "the same of dpkg and update-alternatives",
  },
  {
    line: /file \/etc\/(passwd|group|shadow|gshadow)- changed: .*/,
    why: "the copies that useradd and userdel make of these files, which are as they were",
  },
  {
    line: /file \/var\/cache\/apt\/(src)?pkgcache\.bin appeared/,
    why: "apt's cache, which every apt makes that is asked anything",
  },
  {
    line: /file \/var\/(cache\/apt\/archives|lib\/apt\/lists)\/partial changed: d 700 root:root -> d 700 _apt:root/,
    why: "apt gives them to the user that it downloads as, at its first download",
  },
  {
    line: /file \/var\/lib\/apt\/lists\/(auxfiles|198\.18\.255\.2_apt_\._(InRelease|Packages)) appeared/,
    why: "apt's index of our package source: the next `apt-get update` removes what no source lists any more",
  },
  {
    line: /file \/var\/cache\/ldconfig\/aux-cache appeared/,
    why: "ldconfig's cache, which every installation of a library makes",
  },
  {
    line: /file \/var\/lib\/ucf\/hashfile\.\d appeared/,
    why: "ucf's copies of its list, which is as it was: a library of keepalived's has files that it watches",
  },
  {
    line: /file \/run\/adduser appeared/,
    why: "adduser's lock, in memory: gone at the next boot",
  },
  {
    line: /mount \/var\/lib\/kubelet changed: ext4 -> ext4 ext4/,
    why: "where mounts are not shared the kubelet binds its folder to itself: in containers only, as systemd shares a machine's",
  },
  {
    line: /unit network-online\.target appeared/,
    why: "reached for what wanted the network: systemd leaves it so until the next boot",
  },
  {
    line: /sysctl net\.ipv4\.ip_forward changed: 0 -> 1/,
    why: "something else may lean on it by now; it is as before from the next boot on (docs/operations.md)",
  },
];
