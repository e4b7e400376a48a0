/** What there is on a host at a moment: `kind name` of each thing, and what it is like. */
export type HostSnapshot = ReadonlyMap<string, string>;

/** A difference that a host may have, and why. */
export interface Allowed {
  /** Fits the whole of a line of {@link differences}, without the host's name in front. */
  readonly line: RegExp;
  /** Why it is not the product's to undo. */
  readonly why: string;
}

/**
 * Puts a snapshot together.
 *
 * @param lines `kind TAB name TAB what it is like`. A file's contents are a line of their own, of the kind `content`.
 */
export function snapshotOf(lines: readonly string[]): HostSnapshot {
  const things = new Map<string, string[]>();
  // In one order, however the host tells it; a file's contents behind what else is said of it.
  const [contents, others] = [true, false].map((wanted) =>
    lines.filter((line) => line.startsWith("content\t") === wanted).sort(),
  );
  for (const line of [...(others ?? []), ...(contents ?? [])]) {
    const [kind = "", name = "", like = ""] = line.split("\t");
    if (kind === "") continue;
    const key = `${kind === "content" ? "file" : kind} ${name}`;
    things.set(key, [...(things.get(key) ?? []), like.trim()]);
  }
  return new Map([...things].map(([key, likes]) => [key, likes.join(" ")]));
}

/** Chains and rules of `iptables-save`, as lines of a snapshot. @param kind `iptables` or `ip6tables`. */
export function iptablesEntries(kind: string, saved: string): readonly string[] {
  let table = "";
  return saved.split("\n").flatMap((line) => {
    if (line.startsWith("*")) {
      table = line.slice(1);
      return [];
    }
    // Comments have the time in them, chains and rules their counters.
    if (line === "" || line === "COMMIT" || line.startsWith("#")) return [];
    return [`${kind}\t${table} ${line.replace(/ ?\[\d+:\d+\] ?/, "")}\t`];
  });
}

/** Tables, chains and rules of `nft --stateless list ruleset`, as lines of a snapshot. */
export function nftEntries(ruleset: string): readonly string[] {
  const within: string[] = [];
  return ruleset.split("\n").flatMap((raw) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    if (line === "}") {
      within.pop();
      return [];
    }
    const name = [...within, line.replace(/ \{$/, "")].join(" ");
    if (line.endsWith(" {")) within.push(line.replace(/ \{$/, ""));
    return [`nft\t${name}\t`];
  });
}

/**
 * What is other than before, as lines such as `cp1 file /var/log/pods appeared`. Of a folder that appeared or is gone, what was
 * in it is only counted.
 */
export function differences(
  host: string,
  before: HostSnapshot,
  after: HostSnapshot,
): readonly string[] {
  const appeared = [...after.keys()].filter((key) => !before.has(key));
  const gone = [...before.keys()].filter((key) => !after.has(key));
  const changed = [...before].flatMap(([key, was]) => {
    const is = after.get(key);
    return is === undefined || is === was ? [] : [`${key} changed: ${was} -> ${is}`];
  });
  return [...tops(appeared, "appeared"), ...tops(gone, "is gone"), ...changed]
    .sort()
    .map((line) => `${host} ${line}`);
}

/** The uppermost of the files, with how many there are below them; of other kinds, all. */
function tops(keys: readonly string[], deed: string): readonly string[] {
  const all = new Set(keys);
  const below = new Map<string, number>();
  const uppermost = keys.filter((key) => {
    const top = ancestors(key).find((folder) => all.has(folder));
    if (top !== undefined) below.set(top, (below.get(top) ?? 0) + 1);
    return top === undefined;
  });
  return uppermost.map((key) => {
    const count = below.get(key);
    return `${key} ${deed}${count === undefined ? "" : `, with ${count} below it`}`;
  });
}

/** The folders above a file, the uppermost first. */
function ancestors(key: string): readonly string[] {
  if (!key.startsWith("file /")) return [];
  const parts = key.slice("file /".length).split("/");
  return parts.slice(1).map((_, i) => `file /${parts.slice(0, i + 1).join("/")}`);
}

/** Judges differences by a list of what is allowed, and keeps count of what the list was needed for. */
export class Judge {
  private readonly needed = new Set<Allowed>();

  constructor(private readonly allowed: readonly Allowed[]) {}

  /** The lines that nothing on the list allows. */
  unexplained(lines: readonly string[]): readonly string[] {
    return lines.filter((line) => {
      const told = line.slice(line.indexOf(" ") + 1);
      const fitting = this.allowed.filter(({ line: pattern }) => fits(pattern, told));
      for (const one of fitting) this.needed.add(one);
      return fitting.length === 0;
    });
  }

  /** The entries of the list that no line has needed so far, as text. */
  unneeded(): readonly string[] {
    return this.allowed.filter((one) => !this.needed.has(one)).map(({ line }) => line.source);
  }
}

function fits(pattern: RegExp, line: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(line);
}
