import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout, from this file's own place. */
export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The oldest Node.js that everything here works with. */
const oldest = [20, 19];

/** Ends the process with one clear line when this Node.js is too old. */
export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  fail(
    `this needs Node.js ${oldest.join(".")} or later; ${process.execPath} is ${process.versions.node}`,
  );
}

/**
 * Installs the npm packages when node_modules is missing or holds other versions than package-lock.json says. npm's hidden
 * lock file tells what is installed, so that neither a touched file nor another branch's packages deceive.
 */
export function ensurePackages() {
  if (installed()) return;
  process.stderr.write("installing the npm packages …\n");
  const began = performance.now();
  // Not `npm ci`: it refuses a lock file without the packages of other platforms, and where the registry lacks those
  // nobody can write a better one. This, too, installs what the lock file says, and leaves the lock file alone.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  if (npm.error) fail(`npm cannot be started: ${npm.error.message}`);
  if (npm.status !== 0)
    fail(`the npm packages could not be installed: npm install ended with ${npm.status}`);
  process.stderr.write(
    `npm packages: installed (${((performance.now() - began) / 1000).toFixed(0)} s)\n`,
  );
}

function installed() {
  const wanted = packagesOf("package-lock.json");
  const present = packagesOf("node_modules/.package-lock.json");
  if (wanted === undefined) fail("package-lock.json is missing or damaged: restore it from git");
  if (present === undefined) return false;
  return Object.entries(wanted).every(
    ([name, { version, optional }]) =>
      name === "" ||
      present[name]?.version === version ||
      (optional && present[name] === undefined),
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
