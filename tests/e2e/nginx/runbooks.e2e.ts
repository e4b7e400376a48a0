import { nodes } from "../support/nodes";
import { suite } from "../support/suites";
import { tellRunbooks } from "../support/tellRunbooks";

const nginx = suite("nginx");

beforeAll(() => nginx.ensureCluster());

tellRunbooks(nginx, {
  whole: async () => {
    for (const node of (await nodes(nginx)).values()) expect(node.ready).toBe(true);
  },
});
