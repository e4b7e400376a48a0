import { balancerCheckFile } from "./balancerCheck";

/** A balancer host as keepalived knows it. */
export interface VrrpHost {
  readonly name: string;
  readonly address: string;
}

/** What {@link keepalivedConfig} needs. */
export interface KeepalivedSettings {
  /** VRRP's virtual router id, 1 to 255. */
  readonly routerId: number;
  /** Time between advertisements: multiples of 10 ms. */
  readonly advertIntervalMs: number;
  readonly virtualIp: string;
  readonly own: VrrpHost;
  /** The other balancers; none where there is one only. */
  readonly peers: readonly VrrpHost[];
  /** The host's place in the stack file's list, 0 first. */
  readonly position: number;
  readonly balancerCount: number;
}

/**
 * keepalived's configuration: one of the balancers holds the virtual IP, and keeps it when another comes back
 * (docs/adr/0012).
 *
 * `@INTERFACE@` stands for the interface with the host's own address, which only the host knows.
 */
export function keepalivedConfig(settings: KeepalivedSettings): string {
  const { routerId, advertIntervalMs, virtualIp, own, peers, position, balancerCount } = settings;
  // Different for each: whoever has more is a little quicker where several miss the holder at once.
  const priority = 250 - position * Math.min(10, Math.floor(200 / balancerCount));
  return `# Written by kubeadm-ha; changes made here are lost at the next \`pulumi up\`.
global_defs {
  router_id ${own.name}
  vrrp_version 3
  # VRRP 3 has no password: only the peers below are listened to. (The step that writes this has the kernel drop others'.)
  vrrp_check_unicast_src
  enable_script_security
  script_user nobody nogroup
  # Late advertisements look like a host that is gone.
  vrrp_priority -20
}

vrrp_script balancer {
  script "${balancerCheckFile}"
  interval 1
  # The check itself asks again before it gives up.
  timeout 4
  fall 1
  rise 2
}

vrrp_instance kubernetes {
  # Nobody is born to hold the address, and nobody takes it back.
  state BACKUP
  nopreempt
  interface @INTERFACE@
  virtual_router_id ${routerId}
  priority ${priority}
  advert_int ${advertIntervalMs / 1000}
  unicast_src_ip ${own.address}
  unicast_ttl 255
  unicast_peer {
${peerLines(own, peers)}
  }
  # Said again and again: a balancer that leaves the stack lets go of the address only at the end of the run.
  garp_master_refresh 5
  virtual_ipaddress {
    ${virtualIp}/32 dev @INTERFACE@
  }
  track_script {
    balancer
  }
}
`;
}

function peerLines(own: VrrpHost, peers: readonly VrrpHost[]): string {
  // Without any peer keepalived would speak to everyone by multicast. What it says to itself never leaves the host.
  return (peers.length === 0 ? [own] : peers)
    .map(({ name, address }) => `    # ${name}\n    ${address}`)
    .join("\n");
}
