import { etcdChecksums, parseChecksums, type Architecture } from "./etcdReleases";
import { readText } from "./localFile";
import { hostKeyProblems } from "./logins";
import type { Problem } from "./problem";
import type { Parts, Some } from "./rules/parts";
import { rule, type Rule } from "./rules/rule";
import { shellPath } from "./shellPath";
import type { Spec } from "./spec";
import { sshKeyFault } from "./sshKey";
import { etcdVersionOf } from "./topology";

/**
 * What a stack file needs from outside itself and this machine does not have: keys, and files that it names. As with the
 * rules across fields, all is told that is known for the parts that are right in themselves.
 *
 * @param isKeySecret whether the SSH private key is a secret of the stack.
 */
export function outsideProblems(parts: Partial<Parts>, isKeySecret: boolean): Problem[] {
  const checks: readonly Rule[] = [
    rule(["ssh"], ({ ssh }) => sshKeyProblems(ssh, isKeySecret)),
    rule(["ssh", "hosts"], hostKeyProblems),
    rule(["mirror"], ({ mirror: { apt } }) => unreadable("mirror.apt.keyFile", apt?.keyFile)),
    rule(["network"], ({ network: { cni } }) =>
      unreadable("network.cni.file", cni.plugin === "manifest" ? cni.file : undefined),
    ),
    rule(["etcd", "kubernetes"], checksumProblems),
  ];
  return checks.flatMap((check) => check(parts));
}

/** SHA-256 of the archives of an external etcd's release: from the stack's own file, or those that the product knows. */
export function etcdChecksumsOf(spec: Spec): Partial<Record<Architecture, string>> {
  if (spec.etcd.topology === "stacked") return {};
  const version = etcdVersionOf(spec, spec.etcd);
  const { checksumsFile: file } = spec.etcd;
  if (file === undefined) return etcdChecksums(version) ?? {};
  return parseChecksums(readText(file) ?? "", version);
}

function sshKeyProblems({ agent, privateKeyFile }: Spec["ssh"], isKeySecret: boolean): Problem[] {
  if (agent) {
    if (process.env["SSH_AUTH_SOCK"]) return [];
    const message =
      'no SSH agent: $SSH_AUTH_SOCK is not set; `eval "$(ssh-agent)" && ssh-add` starts one and gives it your keys';
    return [{ path: "ssh.agent", message }];
  }
  if (isKeySecret) return [];
  if (privateKeyFile !== undefined) return keyFileProblems(privateKeyFile);
  const message =
    "no SSH key: set ssh.privateKeyFile or ssh.agent, or run `pulumi config set --secret sshPrivateKey < FILE`";
  return [{ path: "ssh", message }];
}

function keyFileProblems(file: string): Problem[] {
  const path = "ssh.privateKeyFile";
  const text = readText(file);
  if (text === undefined) {
    const remedy = `\`ssh-keygen -t ed25519 -f ${shellPath(file)}\` makes a key, whose public half belongs into the user's authorized_keys on each host`;
    return unreadable(path, file).map(({ message }) => ({
      path,
      message: `${message}; ${remedy}`,
    }));
  }
  switch (sshKeyFault(text)) {
    case undefined:
      return [];
    case "no key": {
      const message = `${file} is no private key: that begins with -----BEGIN … PRIVATE KEY-----, and a file that ends in .pub is the public half`;
      return [{ path, message }];
    }
    case "encrypted": {
      const message = `${file} is encrypted with a passphrase, which nobody can type in here; \`ssh-add ${shellPath(file)}\`, and set ssh.agent: true in its place`;
      return [{ path, message }];
    }
  }
}

function checksumProblems({ etcd, kubernetes }: Some<"etcd" | "kubernetes">): Problem[] {
  if (etcd.topology === "stacked") return [];
  const path = "etcd.checksumsFile";
  const version = etcdVersionOf({ kubernetes }, etcd);
  const { checksumsFile: file } = etcd;
  if (file === undefined) {
    if (etcdChecksums(version) !== undefined) return [];
    const url = `https://github.com/etcd-io/etcd/releases/download/v${version}/SHA256SUMS`;
    const message = `is missing: the product does not know the checksums of etcd ${version}; get them with \`curl -fLo etcd-SHA256SUMS ${url}\` and name that file here`;
    return [{ path, message }];
  }
  const text = readText(file);
  if (text === undefined) return unreadable(path, file);
  if (Object.keys(parseChecksums(text, version)).length > 0) return [];
  return [{ path, message: `${file} has no line for etcd-v${version}-linux-*.tar.gz` }];
}

function unreadable(path: string, file: string | undefined): Problem[] {
  if (file === undefined || readText(file) !== undefined) return [];
  return [{ path, message: `cannot read the file ${file}` }];
}
