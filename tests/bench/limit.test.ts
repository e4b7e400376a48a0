import { frozen, hashOfLimit, stepsOf } from "../../bench/limit";

describe("the limit by hand", () => {
  it("is the one that was frozen: see bench/limit.ts before you change either", () =>
    expect(hashOfLimit()).toBe(frozen));

  it("tells its steps", () =>
    expect(stepsOf("node/cp1 created\nTIME init 11873 ms\nTIME joins 9001 ms\n")).toEqual([
      { name: "init", seconds: 11.873 },
      { name: "joins", seconds: 9.001 },
    ]));
});
