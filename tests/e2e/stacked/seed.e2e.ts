import {
  tellHaproxyStories,
  tellSeedStories,
  tellStackedEtcdStories,
} from "../support/cluster/seed";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");
const cluster = { controlPlanes: ["cp1", "cp2", "cp3"], nodes: 5 };

beforeAll(() => stacked.ensureCluster());

tellSeedStories(stacked, cluster, () => stacked.addressOf("lb"));
tellStackedEtcdStories(stacked, cluster);
tellHaproxyStories(stacked, ["lb"], cluster);
