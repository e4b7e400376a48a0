import fc from "fast-check";

import { merge } from "../../components/render/merge";

it("merges tables key by key", () => {
  expect(merge({ a: { b: 1, c: 2 }, d: 3 }, { a: { c: 4, e: 5 }, f: 6 })).toEqual({
    a: { b: 1, c: 4, e: 5 },
    d: 3,
    f: 6,
  });
});

it("replaces anything else as a whole, lists too", () => {
  expect(merge({ a: [1, 2], b: { c: 1 }, d: 1 }, { a: [3], b: "text", d: { e: 1 } })).toEqual({
    a: [3],
    b: "text",
    d: { e: 1 },
  });
});

it("takes a key away for null", () => {
  expect(merge({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: null }, d: null, e: null })).toEqual({
    a: { c: 2 },
  });
});

it("keeps what was generated in its order, and changes neither of its arguments", () => {
  const generated = { z: 1, a: { y: 1, b: 2 } };
  const fragment = { a: { y: 2, c: 3 }, m: 4 };
  expect(JSON.stringify(merge(generated, fragment))).toBe('{"z":1,"a":{"y":2,"b":2,"c":3},"m":4}');
  expect([generated, fragment]).toEqual([
    { z: 1, a: { y: 1, b: 2 } },
    { a: { y: 2, c: 3 }, m: 4 },
  ]);
});

it("lets every value of the fragment win, and nothing else change", () => {
  const tree = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom("d", "e"), fc.integer())),
  );
  fc.assert(
    fc.property(tree, tree, (generated, fragment) => {
      const merged = merge(generated, fragment);
      expect(merge(merged, fragment)).toEqual(merged);
      for (const key of ["a", "b", "c"]) {
        if (!(key in fragment)) expect(merged[key]).toEqual(generated[key]);
      }
    }),
  );
});
