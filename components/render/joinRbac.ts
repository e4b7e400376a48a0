import { yamlDocuments } from "./yaml";

/**
 * Group of the join credential's certificate. It is the product's own, not kubeadm's bootstrap-token group, so that
 * deleting these bindings revokes the credential and touches nothing else (docs/adr/0006).
 */
export const joinGroup = "kubeadm-ha:joiners";

const rbac = "rbac.authorization.k8s.io";

/**
 * All that a `kubeadm join` by discovery file needs: kubeadm gives the same rights to bootstrap tokens
 * (kubernetes/cmd/kubeadm/app/phases/bootstraptoken, kubelet and kubeconfig phases of `kubeadm init`).
 */
export function joinRbac(): string {
  return yamlDocuments([
    ...["kubeadm:nodes-kubeadm-config", "kubeadm:kubelet-config", "kube-proxy"].map((role) =>
      binding("RoleBinding", role),
    ),
    ...[
      "kubeadm:get-nodes",
      "system:node-bootstrapper",
      "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    ].map((role) => binding("ClusterRoleBinding", role)),
  ]);
}

function binding(kind: "RoleBinding" | "ClusterRoleBinding", role: string): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: {
      name: `kubeadm-ha:joiners:${role.replace(/^.*:/, "")}`,
      ...(kind === "RoleBinding" && { namespace: "kube-system" }),
    },
    roleRef: {
      apiGroup: rbac,
      kind: kind === "RoleBinding" ? "Role" : "ClusterRole",
      name: role,
    },
    subjects: [{ kind: "Group", name: joinGroup, apiGroup: rbac }],
  };
}
