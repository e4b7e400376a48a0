import { z } from "zod";

import { hostOrAddress, linuxUser, localPath, port } from "../primitives";

/** How Pulumi reaches the hosts. */
export const ssh = z.strictObject({
  user: linuxUser
    .describe("Login user; root, or a user with password-less sudo.")
    .meta({ examples: ["admin"] }),
  port: port.default(22).describe("Port on which the hosts' SSH servers listen."),
  privateKeyFile: localPath
    .optional()
    .describe(
      "File with the private key, without a passphrase. Alternatives: the secret `sshPrivateKey`, or `agent`.",
    )
    .meta({ examples: ["~/.ssh/id_ed25519"] }),
  agent: z
    .boolean()
    .default(false)
    .describe("Use the keys of the SSH agent at $SSH_AUTH_SOCK instead of a private key."),
  knownHosts: localPath
    .default("~/.ssh/known_hosts")
    .describe("known_hosts file with the hosts' ed25519 keys; hashed lines are understood."),
  checkHostKeys: z
    .boolean()
    .default(true)
    .describe(
      "false accepts any host key: whoever answers at the address gets the cluster's keys.",
    ),
  bastion: z
    .strictObject({
      host: hostOrAddress
        .describe("DNS name or address of the jump host.")
        .meta({ examples: ["jump.example.com"] }),
      port: port.default(22).describe("Port on which its SSH server listens."),
      user: linuxUser
        .optional()
        .describe("Login user on the jump host. Default: `ssh.user`.")
        .meta({ examples: ["jumper"] }),
    })
    .optional()
    .describe("A jump host through which all hosts are reached, with the same key."),
});
