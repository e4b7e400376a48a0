import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { Failure } from "../../lab/failure";
import { attempt, capture, run, start } from "../../lab/process";

const sh = (script: string): [string, string[]] => ["sh", ["-c", script]];

test("gives what a program wrote, and how it ended", async () => {
  const result = await attempt(...sh("cat; echo problem >&2; exit 3"), { input: "text\n" });
  expect(result).toMatchObject({ code: 3, stdout: "text\n", stderr: "problem\n" });
  expect(await capture(...sh("echo one; echo two"))).toBe("one\ntwo");
});

test("a failure names the program, its status and its last lines", async () => {
  await expect(run(...sh("seq 100 >&2; exit 7"))).rejects.toThrow(
    /^sh -c .*failed with status 7:\n {4}86\n[^]*\n {4}100$/,
  );
});

test("a missing program is one clear line", async () => {
  const failure = run("no-such-program", []);
  await expect(failure).rejects.toThrow(/^no-such-program: no such program$/);
  await expect(failure).rejects.toBeInstanceOf(Failure);
});

test("a program that takes too long is ended", async () => {
  const began = Date.now();
  await expect(run("sleep", ["60"], { timeout: 0.2 })).rejects.toThrow("did not end within 0.2 s");
  expect(Date.now() - began).toBeLessThan(5000);
});

test("does not wait for what a program left running", async () => {
  const began = Date.now();
  const left = Number(await capture(...sh("sleep 30 & echo $!")));
  expect(Date.now() - began).toBeLessThan(5000);
  process.kill(left);
});

test("gives all that a program wrote, however busy this process was when it ended", async () => {
  const busy = (milliseconds: number): void => {
    const end = Date.now() + milliseconds;
    while (Date.now() < end);
  };
  // The end of the others is noticed together with the first line, the rest of what they wrote only after it.
  const first = attempt(...sh("echo first; sleep 1"), {
    onLine: () => {
      busy(600);
      setImmediate(() => busy(700));
    },
  });
  const others = [attempt("true", []), attempt(...sh("sleep 0.5; echo second"))];
  busy(200);
  expect((await Promise.all([first, ...others])).map(({ stdout }) => stdout)).toEqual([
    "first\n",
    "",
    "second\n",
  ]);
});

test("a log takes the output of several programs, and their command lines", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "kha-process-"));
  const log = path.join(folder, "log");
  const seen: string[] = [];
  await run(...sh("echo one"), { log, onLine: (line) => seen.push(line) });
  await expect(run(...sh("echo two >&2; exit 1"), { log })).rejects.toThrow(log);
  expect(readFileSync(log, "utf8")).toBe(
    "$ sh -c echo one\none\n$ sh -c echo two >&2; exit 1\ntwo\n",
  );
  expect(seen).toEqual(["one"]);
  rmSync(folder, { recursive: true });
});

test("a program beside this one goes on until it is stopped, and tells how it ended", async () => {
  const server = start("sleep", ["60"]);
  await server.stop();
  expect(await server.ended).toContain("was stopped");
  expect(await start(...sh("echo broken >&2; exit 2")).ended).toMatch(/status 2:\n {4}broken/);
});
