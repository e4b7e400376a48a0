import { nodes } from "../support/cluster/nodes";
import { suite } from "../support/suite/suites";
import { tellRunbooks } from "../support/runbooks/tellRunbooks";

const nginx = suite("nginx");

beforeAll(() => nginx.ensureCluster());

tellRunbooks(nginx, {
  whole: async () => {
    for (const node of (await nodes(nginx)).values()) expect(node.ready).toBe(true);
  },
});
