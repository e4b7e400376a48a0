import { hostsEntries } from "../../components/render/hostsEntries";
import { testGoldens } from "../support/golden";

testGoldens("hostsEntries", {
  hosts: () =>
    hostsEntries([
      { address: "192.168.1.11", name: "api.example.com" },
      { address: "192.168.1.21", name: "cp1" },
    ]),
});

it("is empty when there is nothing to write", () => {
  expect(hostsEntries([])).toBe("");
});
