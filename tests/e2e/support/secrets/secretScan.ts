import { needlesOfBytes, needlesOfText, secretParts, shortest, type Secret } from "./secretForms";

/** Secrets by the number that they keep: one and the same key stands in many places. */
export class Secrets {
  private readonly known = new Map<string, Secret>();

  /** Adds all private keys of a text, in PEM or base64 of that, under the name that the first place gives them. */
  addKeysIn(text: string, name: string): this {
    for (const { kind, body } of pemKeys(text)) {
      for (const part of secretParts(kind, body)) {
        this.add(part.toString("hex"), { name, needles: needlesOfBytes(part) });
      }
    }
    return this;
  }

  /** Adds a password, or anything else that is secret as it stands. */
  addText(text: string, name: string): this {
    return this.add(`text ${text}`, { name, needles: needlesOfText(text) });
  }

  /**
   * Adds what `pulumi stack export --show-secrets` says is secret: all private keys in it, under the name of the resource
   * and, where that is not the key itself, of its property; and the passwords that the stack has made.
   */
  addExport(exported: string): this {
    const { deployment } = JSON.parse(exported) as {
      deployment: { resources?: readonly Resource[] };
    };
    const resources = deployment.resources ?? [];
    const isKey = ({ type }: Resource): boolean => type === "tls:index/privateKey:PrivateKey";
    // The resource that made a key gives it its name.
    for (const resource of [...resources].sort((a, b) => Number(isKey(b)) - Number(isKey(a)))) {
      const name = resource.urn.split("::").at(-1) ?? "";
      for (const [property, text] of secretTexts(resource, [])) {
        this.addKeysIn(text, isKey(resource) ? name : `${name} ${property}`);
        if (resource.type.startsWith("random:") && property === "result") this.addText(text, name);
      }
    }
    return this;
  }

  private add(id: string, secret: Secret): this {
    if (!this.known.has(id)) this.known.set(id, secret);
    return this;
  }

  get all(): readonly Secret[] {
    return [...this.known.values()];
  }

  get names(): readonly string[] {
    return [...new Set(this.all.map(({ name }) => name))];
  }
}

interface Resource {
  readonly urn: string;
  readonly type: string;
}

/** Private keys in a text: as PEM, also where its line breaks are escaped as in JSON, or as base64 of PEM. */
function pemKeys(text: string): readonly { readonly kind: string; readonly body: Buffer }[] {
  const encoded = text.match(/LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}={0,2}/g) ?? [];
  const texts = [text, ...encoded.map((one) => Buffer.from(one, "base64").toString("latin1"))];
  const key = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]+)-----END \1-----/g;
  return texts.flatMap((one) =>
    [...one.matchAll(key)].map(([, kind = "", body = ""]) => ({
      kind,
      body: Buffer.from(body.replace(/\\+[nr]|\s/g, ""), "base64"),
    })),
  );
}

/** Under this key stands what kind of special value an object is, and with this value it is a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The texts in a value that are marked as secret, with their paths below `inputs` or `outputs`. */
function secretTexts(
  value: unknown,
  path: readonly string[],
  secret = false,
): readonly (readonly [path: string, text: string])[] {
  if (typeof value === "string") return secret ? [[path.slice(1).join("."), value]] : [];
  if (typeof value !== "object" || value === null) return [];
  const object = value as Record<string, unknown>;
  if (object[signature] === secretSignature) {
    if (typeof object["plaintext"] !== "string") {
      throw new Error(`${path.join(".")}: the export does not show its secrets`);
    }
    return secretTexts(JSON.parse(object["plaintext"]), path, true);
  }
  return Object.entries(object).flatMap(([key, inner]) =>
    secretTexts(inner, [...path, key], secret),
  );
}

/** The names of the secrets that a text betrays, each once. @param text bytes as characters, or text. */
export function betrayed(text: string, secrets: readonly Secret[]): readonly string[] {
  // One way through the text for all needles: there are some thousands.
  const needles = new Map<string, { needle: string; name: string }[]>();
  for (const { name, needles: own } of secrets) {
    for (const needle of own) {
      const beginning = needle.slice(0, shortest);
      const same = needles.get(beginning);
      if (same === undefined) needles.set(beginning, [{ needle, name }]);
      else same.push({ needle, name });
    }
  }
  const found = new Set<string>();
  for (let i = 0; i + shortest <= text.length; i++) {
    for (const { needle, name } of needles.get(text.slice(i, i + shortest)) ?? []) {
      if (text.startsWith(needle, i)) found.add(name);
    }
  }
  return [...new Set(secrets.map(({ name }) => name))].filter((name) => found.has(name));
}

/** The same for many texts: what each betrays, by the texts' names; those that betray nothing are left out. */
export function betrayedBy(
  texts: Iterable<readonly [name: string, text: string]>,
  secrets: readonly Secret[],
): Readonly<Record<string, readonly string[]>> {
  const found = [...texts].map(([name, text]) => [name, betrayed(text, secrets)] as const);
  return Object.fromEntries(found.filter(([, names]) => names.length > 0));
}
