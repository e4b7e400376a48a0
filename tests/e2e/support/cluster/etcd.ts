import type { Suite } from "../suite/suite";

/** Where the product puts the certificates of an external member. */
export const etcdPki = "/etc/etcd/pki";

/**
 * etcdctl on an external member, with the certificate of the health check.
 *
 * @param endpoints default: the member itself.
 */
export function etcdctl(
  suite: Suite,
  on: string,
  args: string,
  endpoints = "https://127.0.0.1:2379",
): Promise<string> {
  const tls = `--cacert=${etcdPki}/ca.crt --cert=${etcdPki}/health.crt --key=${etcdPki}/health.key`;
  return suite.outputOf(
    on,
    `timeout 30 /opt/etcd/v*/etcdctl --endpoints=${endpoints} ${tls} ${args}`,
  );
}

/** A member as etcd lists it. */
export interface Member {
  /** Hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly started: boolean;
  readonly learner: boolean;
  readonly peerUrl: string;
  readonly clientUrl: string;
}

/** The members, in the order of their names. */
export async function members(suite: Suite, on: string): Promise<readonly Member[]> {
  return membersIn(await etcdctl(suite, on, "member list"));
}

/** What `etcdctl member list` prints, in the order of the names. */
export function membersIn(list: string): readonly Member[] {
  return list
    .trim()
    .split("\n")
    .map((line) => {
      const [id = "", status, name = "", peerUrl = "", clientUrl = "", learner] = line.split(", ");
      return {
        id,
        name,
        started: status === "started",
        learner: learner === "true",
        peerUrl,
        clientUrl,
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** What etcd's members agree on: ids as decimal text, for they are too large for numbers. */
interface Status {
  readonly Endpoint: string;
  readonly Status: {
    readonly header: { readonly cluster_id: string; readonly member_id: string };
    readonly leader: string;
  };
}

async function status(suite: Suite, on: string): Promise<readonly Status[]> {
  const text = await etcdctl(suite, on, "endpoint status --cluster -w json");
  return JSON.parse(text.replace(/:(\d{15,})/g, ':"$1"')) as Status[];
}

/** The name of the member that leads. */
export async function leader(suite: Suite, on: string): Promise<string> {
  const all = await status(suite, on);
  const leads = all.find(({ Status: one }) => one.leader === one.header.member_id);
  const found = (await members(suite, on)).find(({ clientUrl }) => clientUrl === leads?.Endpoint);
  if (found === undefined) throw new Error(`no member leads: ${JSON.stringify(all)}`);
  return found.name;
}

/** The ids of the clusters that members say they belong to: one, if all is well. */
export async function clusterIds(suite: Suite, on: string): Promise<readonly string[]> {
  const ids = (await status(suite, on)).map(({ Status: one }) => one.header.cluster_id);
  return [...new Set(ids)];
}

/** The endpoints that an API server was told, in their order. */
export async function etcdServersOf(suite: Suite, controlPlane: string): Promise<string[]> {
  const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
  const flag = await suite.outputOf(controlPlane, `grep -o -- '--etcd-servers=.*' ${manifest}`);
  return flag.replace("--etcd-servers=", "").split(",");
}
