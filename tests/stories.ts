import { readFileSync } from "node:fs";
import path from "node:path";

import { Failure } from "../lab/failure";

/** One file of e2e stories. */
export interface Story {
  /** Folder and name, such as "stacked/bringUp". */
  readonly story: string;
  /** What it is about, where CI has no time for it; `npm run test:e2e:all` runs it. */
  readonly leftOut?: string;
}

/** All e2e stories, in the order in which they run. */
export const stories = JSON.parse(
  readFileSync(path.join(__dirname, "e2e", "stories.json"), "utf8"),
) as readonly Story[];

/** Which e2e stories are wanted. */
export interface Wanted {
  /** A story's name ("bringUp"), with its folder or without, or a folder's; empty for CI's part, or for all. */
  readonly names: readonly string[];
  /** Without names: also what CI leaves out. */
  readonly all: boolean;
}

/** The stories that are wanted. @throws Failure where a name is none. */
export function chosenStories({ names, all }: Wanted): readonly Story[] {
  if (names.length === 0) return stories.filter(({ leftOut }) => all || leftOut === undefined);
  for (const name of names) {
    if (!stories.some((story) => isNamed(story, name))) {
      const known = stories.map(({ story }) => story).join(", ");
      throw new Failure(`${name} is no story; there are ${known}`);
    }
  }
  return stories.filter((story) => names.some((name) => isNamed(story, name)));
}

function isNamed({ story }: Story, name: string): boolean {
  return story === name || story.endsWith(`/${name}`) || story.startsWith(`${name}/`);
}

/** The regular expressions by which Jest finds the stories. */
export function patternsOf(chosen: readonly Story[]): readonly string[] {
  return chosen.map(({ story }) => `/tests/e2e/${story}\\.e2e\\.ts$`);
}
