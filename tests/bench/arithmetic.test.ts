import { bend, median, slope } from "../../bench/arithmetic";

describe("median", () => {
  it("is the middle, in whatever order", () => expect(median([9, 1, 5])).toBe(5));
  it("of an even count is between the two in the middle", () =>
    expect(median([1, 2, 4, 100])).toBe(3));
  it("orders numbers, not texts", () => expect(median([10, 9, 100])).toBe(10));
  it("of nothing is refused", () => expect(() => median([])).toThrow("nothing"));
});

describe("growth", () => {
  it("costs so much for each further one", () =>
    expect(slope({ count: 10, value: 5 }, { count: 110, value: 205 })).toBe(2));

  it("is 1 where it is linear, whatever it begins with", () =>
    expect(bend([10, 100, 1000].map((count) => ({ count, value: 7 + 3 * count })))).toBeCloseTo(1));

  it("is far above 1 where it is quadratic", () =>
    expect(bend([10, 100, 1000].map((count) => ({ count, value: count ** 2 })))).toBeGreaterThan(
      9,
    ));

  it("is not told of two points, or where nothing grows at first", () => {
    expect(
      bend([
        { count: 1, value: 1 },
        { count: 2, value: 2 },
      ]),
    ).toBeUndefined();
    expect(bend([1, 2, 3].map((count) => ({ count, value: 4 })))).toBeUndefined();
  });
});
