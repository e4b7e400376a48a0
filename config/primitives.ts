import { z } from "zod";

/**
 * A DNS label (RFC 1123): what a host, a Node or a cluster may be called. It is also safe in every shell, configuration
 * file and file name that the product writes.
 */
export const dnsLabel = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "must be a DNS label: lower-case letters, digits and dashes, at most 63, with a letter or digit at both ends",
  );

/**
 * A DNS name (RFC 1123), at most 253 characters. The last label is not a number, so that a mistyped address such as
 * 10.0.0.300 is not taken for a name.
 */
export const dnsName = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "must be a DNS name in lower case",
  );

/** The name of a user account, as useradd(8) allows it. */
export const linuxUser = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,31}$/,
    "must be a Linux user name: lower-case letters, digits, dashes and underscores, at most 32, with a letter or underscore first",
  );

/** An IPv4 address in dotted decimals. IPv6 clusters are not supported in this version. */
export const ipv4 = z.ipv4("must be an IPv4 address such as 192.168.1.11");

/** Networks whose addresses lead nobody to a machine (RFC 6890), and what they are called. */
const leadingNowhere = [
  ["0.0.0.0/8", "an unspecified address"],
  ["127.0.0.0/8", "a loopback address"],
  ["169.254.0.0/16", "a link-local address"],
  ["224.0.0.0/4", "a multicast address"],
  ["240.0.0.0/4", "a reserved or broadcast address"],
] as const;

/** An IPv4 address at which the other hosts reach a machine. */
export const machineAddress = ipv4.refine((text) => kindLeadingNowhere(text) === undefined, {
  error: ({ input }) =>
    `${String(input)} is ${kindLeadingNowhere(String(input)) ?? ""}: no other host reaches a machine there`,
});

/** What may stand where a machine is dialled: an IPv4 address or a DNS name. */
export const hostOrAddress = z.union([ipv4, dnsName], {
  error: "must be an IPv4 address or a DNS name",
});

/** An IPv4 network in CIDR form, written with its network address. */
export const cidr = z
  .cidrv4("must be an IPv4 network such as 10.244.0.0/16")
  .refine((text) => networkAddress(text) === text.split("/")[0], {
    error: (issue) =>
      `must be written with its network address, ${networkAddress(String(issue.input))}`,
  });

/** A TCP port, 1 to 65535. */
export const port = z.int().min(1).max(65535);

/** An http or https address without user, password, query or fragment; a trailing slash is taken off. */
export const httpUrl = z
  .string()
  .regex(
    /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/:+-]*)?$/,
    "must be an http:// or https:// address without user, query or fragment",
  )
  .transform((text) => text.replace(/\/+$/, ""));

/** A path on the machine that runs Pulumi: relative to the project's folder, absolute, or with a leading `~/`. */
export const localPath = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !hasControlCharacter(text), "must not contain control characters");

/** A label or taint key: an optional DNS prefix, a slash, and a name of at most 63 characters. */
export const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    "must be a Kubernetes label key such as example.com/disk: a name of at most 63 characters, behind a DNS name and a slash or without them",
  );

/** A label or taint value: empty, or at most 63 letters, digits, dashes, underscores and dots. */
export const labelValue = z
  .string()
  .regex(
    /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
    "must be a Kubernetes label value: at most 63 letters, digits, dashes, underscores and dots (quote numbers and true/false in YAML)",
  );

/** Part of a Kubernetes component's configuration, merged over what the product generates. */
export const fragment = z.record(z.string(), z.unknown());

/** The IPv4 address as an unsigned 32-bit number. */
export function addressNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Whether an IPv4 network holds an address. */
export function holds(network: string, address: string): boolean {
  const [first, last] = networkRange(network);
  const number = addressNumber(address);
  return number >= first && number <= last;
}

/** First and last address of an IPv4 network, as numbers. */
export function networkRange(network: string): readonly [first: number, last: number] {
  const [address = "", bits = "32"] = network.split("/");
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(addressNumber(address) / size) * size;
  return [first, first + size - 1];
}

/** The `index`th address of an IPv4 network: `addressIn("10.96.0.0/12", 10)` is `10.96.0.10`. */
export function addressIn(network: string, index: number): string {
  return dotted(networkRange(network)[0] + index);
}

/** What an address is called that leads to no machine. What is no address at all is told by its own message. */
function kindLeadingNowhere(text: string): string | undefined {
  if (!ipv4.safeParse(text).success) return undefined;
  return leadingNowhere.find(([network]) => holds(network, text))?.[1];
}

function networkAddress(network: string): string {
  return dotted(networkRange(network)[0]);
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\u007f");
}
