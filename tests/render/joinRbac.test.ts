import { loadAll } from "js-yaml";

import { joinGroup, joinRbac } from "../../components/render/joinRbac";
import { testGoldens } from "../support/golden";

testGoldens("joinRbac", { "rbac.yaml": joinRbac });

it("gives the join group what a join needs, and nothing more", () => {
  const bindings = loadAll(joinRbac()) as {
    kind: string;
    metadata: { name: string; namespace?: string };
    roleRef: { kind: string; name: string };
    subjects: unknown;
  }[];
  expect(
    bindings.map(({ kind, metadata, roleRef }) => [
      kind,
      metadata.namespace,
      roleRef.kind,
      roleRef.name,
    ]),
  ).toEqual([
    ["RoleBinding", "kube-system", "Role", "kubeadm:nodes-kubeadm-config"],
    ["RoleBinding", "kube-system", "Role", "kubeadm:kubelet-config"],
    ["RoleBinding", "kube-system", "Role", "kube-proxy"],
    ["ClusterRoleBinding", undefined, "ClusterRole", "kubeadm:get-nodes"],
    ["ClusterRoleBinding", undefined, "ClusterRole", "system:node-bootstrapper"],
    [
      "ClusterRoleBinding",
      undefined,
      "ClusterRole",
      "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    ],
  ]);
  const group = { kind: "Group", name: joinGroup, apiGroup: "rbac.authorization.k8s.io" };
  for (const { subjects } of bindings) expect(subjects).toEqual([group]);
  expect(new Set(bindings.map(({ metadata }) => metadata.name)).size).toBe(bindings.length);
});
