import { eventually } from "../support/eventually";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

const manifest = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{operator: Exists}]
      containers:
      - name: web
        image: registry.lab/lab/web:1
        args: [serve]
        ports: [{containerPort: 8080}]
        readinessProbe: {httpGet: {port: 8080, path: /}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;

interface Pod {
  readonly name: string;
  readonly address: string;
  readonly node: string;
}

let pods: Pod[] = [];
let service = "";

beforeAll(async () => {
  await stacked.ensureCluster();
  await stacked.kubectl("apply -f -", { input: manifest });
  await stacked.kubectl("rollout status daemonset/web --timeout=120s");
  const list = await stacked.kubectl(
    `get pods -l app=web -o jsonpath='{range .items[*]}{.metadata.name} {.status.podIP} {.spec.nodeName}{"\\n"}{end}'`,
  );
  pods = list.split("\n").map((line) => {
    const [name = "", address = "", node = ""] = line.split(" ");
    return { name, address, node };
  });
  service = await stacked.kubectl("get service web -o jsonpath='{.spec.clusterIP}'");
});

afterAll(() => stacked.kubectl("delete daemonset,service web --wait=false"));

/** Which pod answers another one; kube-proxy may still be programming a Service that has just been made. */
async function ask(from: Pod, url: string): Promise<string> {
  const answer = await eventually(30, () =>
    stacked.kubectl(`exec ${from.name} -- /web get ${url}`),
  );
  return answer.split(" ")[0] ?? "";
}

describe("pod network", () => {
  it("runs a pod on every node", () => {
    expect(pods.map(({ node }) => node).sort()).toEqual(["cp1", "cp2", "cp3", "w1", "w2"]);
  });

  it("lets every pod reach a pod on the next node by its address", async () => {
    for (const [i, from] of pods.entries()) {
      const to = pods[(i + 1) % pods.length];
      expect(await ask(from, `http://${to?.address ?? ""}:8080/`)).toBe(to?.name);
    }
  });

  it("lets every pod reach the Service by its address, which spreads over pods", async () => {
    const answers = new Set<string>();
    for (const from of pods)
      for (let i = 0; i < 4; i++) answers.add(await ask(from, `http://${service}/`));
    expect(answers.size).toBeGreaterThan(1);
    for (const answer of answers) expect(pods.map(({ name }) => name)).toContain(answer);
  });

  it("resolves names: the Service's short and full name answer from every pod", async () => {
    for (const from of pods) {
      for (const name of ["web", "web.default.svc.cluster.local"]) {
        expect(pods.map((pod) => pod.name)).toContain(await ask(from, `http://${name}/`));
      }
    }
  });
});
