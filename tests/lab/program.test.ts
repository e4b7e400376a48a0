// jest as a global: its mocks are moved above the imports only so.
import { Command } from "commander";

import { kubectlAttached } from "../../lab/kubectl";
import { attached } from "../../lab/process";
import { program, withCommand } from "../../lab/program";
import { pulumiAttached } from "../../lab/pulumi";
import { bringUp } from "../../lab/up";

jest.mock("../../lab/kubectl");
jest.mock("../../lab/process");
jest.mock("../../lab/pulumi");
jest.mock("../../lab/up");

/** Parses a command line as the entry does, but throws where that would end the process. */
async function run(...args: readonly string[]): Promise<void> {
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  const strict = (command: Command): Command => command.exitOverride().configureOutput(quiet);
  const lab = strict(program());
  lab.commands.forEach(strict);
  await lab.parseAsync(withCommand(args), { from: "user" });
}

beforeEach(() => {
  jest.resetAllMocks();
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  jest.mocked(kubectlAttached).mockResolvedValue(0);
  jest.mocked(pulumiAttached).mockResolvedValue(0);
  jest.mocked(attached).mockResolvedValue(0);
});

describe("without a command", () => {
  test.each([
    [[], {}],
    [["--upstream"], { upstream: true }],
    [["--take-over"], { takeOver: true }],
  ])("%j is an up of dev", async (args, options) => {
    // It stops there: what follows asks a cluster.
    jest.mocked(bringUp).mockRejectedValue(new Error("stop"));
    await expect(run(...args)).rejects.toThrow("stop");
    const [lab, given] = jest.mocked(bringUp).mock.calls[0] ?? [];
    expect(lab?.stack).toBe("dev");
    expect(given).toEqual(options);
  });
});

describe("what is Pulumi's or kubectl's own", () => {
  test("is passed on as it is, options too", async () => {
    await run("kubectl", "-n", "kube-system", "get", "pods", "-o", "wide", "--help");
    expect(kubectlAttached).toHaveBeenCalledWith(expect.objectContaining({ stack: "dev" }), [
      ...["-n", "kube-system", "get", "pods", "-o", "wide", "--help"],
    ]);
    await run("pulumi", "up", "--yes", "--stack", "other", "-h");
    expect(pulumiAttached).toHaveBeenCalledWith(expect.objectContaining({ stack: "dev" }), [
      ...["up", "--yes", "--stack", "other", "-h"],
    ]);
  });

  test("comes after the lab's own --stack", async () => {
    await run("kubectl", "--stack", "e2e", "get", "nodes");
    expect(kubectlAttached).toHaveBeenCalledWith(expect.objectContaining({ stack: "e2e" }), [
      ...["get", "nodes"],
    ]);
  });

  test("also on a host", async () => {
    await run("ssh", "cp1", "ls", "-l", "--stack");
    const [program, args] = jest.mocked(attached).mock.calls[0] ?? [];
    expect(program).toBe("ssh");
    expect(args?.slice(-5)).toEqual(["admin@127.0.0.1", "--", "ls", "-l", "--stack"]);
    expect(args).toContain("2211");
  });
});

describe("a mistake", () => {
  test.each([
    ["an unknown command", ["frob"], "unknown command 'frob'"],
    ["an unknown option", ["down", "--frob"], "unknown option '--frob'"],
    ["a missing host", ["stop"], "missing required argument 'host'"],
    ["too many hosts", ["stop", "cp1", "cp2"], "too many arguments"],
  ])("%s is told", async (_, args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  test("a host that the stack does not have is told with those that it has", async () => {
    await expect(run("ssh", "cp9")).rejects.toThrow("its hosts are lb, cp1, cp2, cp3, w1, w2");
  });
});

test("every command has a description", () => {
  for (const command of program().commands) expect(command.description()).not.toBe("");
});
