import { aptKeyUrl, aptSource } from "../../components/render/apt";
import { testGoldens } from "../support/golden";

const flat = { url: "http://198.18.255.2/apt", suite: "./", components: [], keyFile: "apt.asc" };
const debian = {
  ...flat,
  url: "https://mirror.example.com/k8s",
  suite: "stable",
  components: ["main", "extra"],
};

testGoldens("apt", {
  "upstream.list": () => aptSource(undefined, "1.36.4"),
  "mirror-flat.list": () => aptSource(flat, "1.37.2"),
  "mirror-suite.list": () => aptSource(debian, "1.37.2"),
});

it("fetches the key where the repository is upstream's, of the same minor version", () => {
  expect(aptKeyUrl(undefined, "1.36.4")).toBe(
    "https://pkgs.k8s.io/core:/stable:/v1.36/deb/Release.key",
  );
  expect(aptKeyUrl(flat, "1.37.2")).toBe("");
});
