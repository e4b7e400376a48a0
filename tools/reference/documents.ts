import { stackFileJsonSchema } from "./jsonSchema";
import { configurationMarkdown } from "./markdown";

/** The generated documents: their texts by path below the project's folder. */
export function documents(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/configuration.md", configurationMarkdown()],
    ["docs/stack-file.schema.json", `${JSON.stringify(stackFileJsonSchema(), null, 2)}\n`],
  ]);
}
