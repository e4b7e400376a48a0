/**
 * A stack file with ten mistakes, as somebody may write it, and the lines that it gives: of the schema, across fields, and of
 * what this machine does not have.
 */
export const tenMistakes = `config:
  kubeadm-ha:kubernetes: { version: 1.29.9 }
  kubeadm-ha:ssh:
    user: admin
    privateKeyFile: /nowhere/id_ed25519
    knownHosts: /nowhere/known_hosts
  kubeadm-ha:loadBalancer:
    kind: haproxy
    hosts:
      - { name: lb, address: 192.168.1.11, ssh: { hostKey: ssh-ed25519 AAAA } }
  kubeadm-ha:controlPlanes:
    - { name: cp1, address: 192.168.1.11, ssh: { port: 2222, hostKey: ssh-ed25519 AAAB } }
    - { name: cp2, address: 192.168.1.300 }
    - { name: "cp3; reboot", address: 192.168.1.13 }
  kubeadm-ha:workers:
    - { name: w1, adress: 192.168.1.21, address: 192.168.1.21 }
    - { name: w2 }
    - { name: w3, address: 192.168.1.23 }
    - { name: w4, address: 192.168.1.24, generation: two, ssh: { hostKey: ssh-ed25519 AAAC } }
  kubeadm-ha:network: { podSubnet: 10.96.0.0/16, serviceSubnet: 10.96.0.0/12 }
`;

/** Each mistake's line, in the order of the file. */
export const tenLines: readonly string[] = [
  "kubernetes.version: 1.29.9 is not supported: 1.30 to 1.37 are",
  "ssh.privateKeyFile: cannot read the file /nowhere/id_ed25519; `ssh-keygen -t ed25519 -f /nowhere/id_ed25519` makes a key, whose public half belongs into the user's authorized_keys on each host",
  "controlPlanes[0].address: 192.168.1.11 is already used by loadBalancer.hosts[0]; each machine has one entry and one role",
  "controlPlanes[1].address: must be an IPv4 address such as 192.168.1.11",
  "controlPlanes[2].name: must be a DNS label: lower-case letters, digits and dashes, at most 63, with a letter or digit at both ends",
  "workers[0].adress: unknown key; did you mean address?",
  "workers[1].address: is missing",
  "workers[2]: /nowhere/known_hosts has no ed25519 key for 192.168.1.23 port 22; get it with `ssh-keyscan -t ed25519 -p 22 192.168.1.23 >> /nowhere/known_hosts` and compare its fingerprint with the machine's",
  "workers[3].generation: must be a number, not text",
  "network.serviceSubnet: 10.96.0.0/12 overlaps with network.podSubnet 10.96.0.0/16",
];
