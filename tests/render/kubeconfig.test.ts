import { load } from "js-yaml";

import { kubeconfig } from "../../components/render/kubeconfig";
import { golden, testGoldens } from "../support/golden";

testGoldens("kubeconfig", {
  "admin.yaml": () =>
    kubeconfig({
      clusterName: "prod",
      userName: "kubernetes-admin",
      endpoint: "api.example.com:6443",
      caCertificate: "the CA's certificate\n",
      clientCertificate: "the client's certificate\n",
      clientKey: "the client's key\n",
    }),
});

it("leads to the endpoint as the user, and trusts the CA", () => {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const cluster = { cluster: "prod", user: "kubernetes-admin" };
  expect(load(golden("kubeconfig", "admin.yaml"))).toMatchObject({
    "current-context": "kubernetes-admin@prod",
    contexts: [{ name: "kubernetes-admin@prod", context: cluster }],
    clusters: [
      {
        name: "prod",
        cluster: {
          server: "https://api.example.com:6443",
          "certificate-authority-data": base64("the CA's certificate\n"),
        },
      },
    ],
    users: [
      {
        name: "kubernetes-admin",
        user: {
          "client-certificate-data": base64("the client's certificate\n"),
          "client-key-data": base64("the client's key\n"),
        },
      },
    ],
  });
});
