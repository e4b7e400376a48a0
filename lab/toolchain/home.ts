import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";

/**
 * Makes a folder serve as $PULUMI_HOME with the lab's plugins. Pulumi writes into that folder (credentials, chosen stacks,
 * logs, when a plugin was last used), so it is neither the user's own nor the cache; and it takes only true folders for
 * plugins, so each is a folder with a link to the plugin's program.
 *
 * @param plugins the toolchain's folder of that name.
 */
export function homeWithPlugins(home: string, plugins: string): void {
  const own = path.join(home, "plugins");
  if (isLink(own)) rmSync(own);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const wanted = readdirSync(plugins);
  for (const left of readdirSync(own)) {
    // Beside a plugin's folder, Pulumi keeps notes of its own: resource-tls-v5.6.1.lastused.
    const kept = wanted.some((plugin) => left === plugin || left.startsWith(`${plugin}.`));
    if (!kept) rmSync(path.join(own, left), { recursive: true, force: true });
  }
  for (const plugin of wanted) {
    mkdirSync(path.join(own, plugin), { recursive: true });
    for (const program of readdirSync(path.join(plugins, plugin))) {
      link(path.join(own, plugin, program), path.join(plugins, plugin, program));
    }
  }
}

/**
 * Makes a folder serve as $PULUMI_HOME beside an installed Pulumi: all its own but the plugins, which are those the user
 * has already, and where Pulumi puts what it downloads.
 *
 * @param userHome the user's own $PULUMI_HOME.
 */
export function homeOfUser(home: string, userHome: string): void {
  // Also when this process was itself started with the lab's environment.
  if (path.resolve(userHome) === path.resolve(home)) return;
  const own = path.join(home, "plugins");
  const plugins = path.join(userHome, "plugins");
  mkdirSync(plugins, { recursive: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (!isLink(own)) rmSync(own, { recursive: true, force: true });
  link(own, plugins);
}

/** Makes a link, in one step even where another process does the same, unless it is there. */
function link(at: string, to: string): void {
  if (isLink(at) && readlinkSync(at) === to) return;
  const temporary = `${at}.new-${process.pid}`;
  rmSync(temporary, { force: true });
  symlinkSync(to, temporary);
  renameSync(temporary, at);
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
