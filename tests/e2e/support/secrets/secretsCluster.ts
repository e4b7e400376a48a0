import { canaryWord } from "./canary";
import { keySearch } from "./keySearch";
import type { Edit } from "../suite/stackFile";
import { suite } from "../suite/suites";

/** The stack with one host of each role, and so with every kind of key that there is. */
export const small = suite("secrets");
export const hosts = ["lb1", "etcd1", "cp1", "w1"];

/** Makes it of the committed stack file with external etcd. */
export const oneOfEach: Edit = ({ config }) => {
  const balancer = config["kubeadm-ha:loadBalancer"];
  balancer.hosts?.splice(1);
  delete balancer["virtualIp"];
  const etcd = config["kubeadm-ha:etcd"];
  etcd.hosts?.splice(1);
  etcd["allowSingle"] = true;
  config["kubeadm-ha:controlPlanes"].splice(1);
};

/** The same with the canary's word as a label, which nobody hides. */
export const withCanary: Edit = (stack) => {
  oneOfEach(stack);
  Object.assign(stack.config["kubeadm-ha:workers"][0] ?? {}, {
    labels: { "example.com/canary": canaryWord },
  });
};

/** Takes the label away again. */
export const withoutLabels: Edit = ({ config }) => {
  for (const worker of config["kubeadm-ha:workers"]) delete worker["labels"];
};

/** Says of all machines with keys that they are new ones: keys are to be put there once more. */
export const madeAnew: Edit = ({ config }) => {
  const etcd = config["kubeadm-ha:etcd"].hosts ?? [];
  const all = [...etcd, ...config["kubeadm-ha:controlPlanes"], ...config["kubeadm-ha:workers"]];
  for (const host of all) host["generation"] = 2;
};

export const { ofTheStack, learn, look, holders } = keySearch(small, hosts);

/** All keys that the stack makes. */
export const stackKeys = [
  ...["ca", "front-proxy-ca", "etcd-ca", "service-account"],
  ...["kubernetes-admin", "kubeadm-ha-joiner"],
  ...["etcd-etcd1-server", "etcd-etcd1-peer", "etcd-api-server-client", "etcd-health-client"],
].map(ofTheStack);

/** Whether the login user may run something as root on the worker; it gets a program that does nothing. */
export async function maySudo(command: string): Promise<boolean> {
  const asked = `su admin -c ${JSON.stringify(`sudo -n ${command}`)}`;
  return (await small.onHost("w1", asked, { input: "exit 0\n" })).code === 0;
}
