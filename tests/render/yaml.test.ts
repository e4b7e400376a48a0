import { loadAll } from "js-yaml";
import fc from "fast-check";

import { yamlDocument, yamlDocuments } from "../../components/render/yaml";

it("keeps the order of keys, long lines whole and equal parts apart", () => {
  const shared = { z: 1, a: 2 };
  const long = "word ".repeat(50).trim();
  expect(yamlDocument({ second: shared, first: shared, long })).toBe(
    `second:\n  z: 1\n  a: 2\nfirst:\n  z: 1\n  a: 2\nlong: ${long}\n`,
  );
});

it("quotes texts that YAML 1.1, as Kubernetes reads it, takes for something else", () => {
  expect(
    yamlDocument({ a: "yes", b: "true", c: "1.30", d: "0x1f", e: "null", f: "~", g: "1e3" }),
  ).toBe("a: 'yes'\nb: 'true'\nc: '1.30'\nd: '0x1f'\ne: 'null'\nf: '~'\ng: '1e3'\n");
});

it("gives back what went in", () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }),
      (documents) => {
        expect(loadAll(yamlDocuments(documents))).toEqual(documents);
      },
    ),
  );
});
