import { kubeadmApi, minorOf, supportedMinors, triedMinors } from "../../config/versions";

it.each([
  ["1.30.14", 30, "v1beta3"],
  ["1.31.0", 31, "v1beta4"],
  ["1.37.2", 37, "v1beta4"],
])("%s is minor %d and has %s", (version, minor, api) => {
  expect(minorOf(version)).toBe(minor);
  expect(kubeadmApi(version)).toBe(api);
});

it("has tried only what it supports", () => {
  for (const minor of triedMinors) {
    expect(minor).toBeGreaterThanOrEqual(supportedMinors.lowest);
    expect(minor).toBeLessThanOrEqual(supportedMinors.highest);
  }
});
