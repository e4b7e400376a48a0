import { Sandbox } from "../support/sandbox";

let machine: Sandbox;
beforeEach(() => {
  machine = new Sandbox();
});
afterEach(() => machine.remove());

describe("the sandbox", () => {
  it("runs programs with their exit status, input and outputs", () => {
    expect(machine.run(["bash", "-c", "cat; echo out; echo err >&2; exit 3"], "in\n")).toEqual({
      code: 3,
      stdout: "in\nout\n",
      stderr: "err\n",
    });
  });

  it("lets nobody change the machine, nor reach its network", () => {
    const text = `touch /usr/bin/x; date -s @0; echo 1 >/proc/sys/vm/swappiness
      ip -4 -oneline address show`;
    const { stdout, stderr } = machine.run(["bash", "-c", text], "");
    expect(stderr.match(/Read-only file system|Operation not permitted/g)).toEqual([
      "Read-only file system",
      "Operation not permitted",
      "Read-only file system",
    ]);
    expect(stdout).toMatch(/^.*\n.* lo {4}inet 127\.0\.0\.1\/8 .*\n$/);
  });

  it("records the calls of stubs, which come first in PATH", () => {
    machine.stub("kubeadm", 'echo "stub: $1"; exit 4');
    expect(machine.run(["kubeadm", "init", "--config", "a b\nc"], "")).toMatchObject({
      code: 4,
      stdout: "stub: init\n",
    });
    expect(machine.calls()).toEqual(["kubeadm init --config a b c"]);
  });

  it("lets time pass when a script sleeps", () => {
    const begin = performance.now();
    const { stdout } = machine.bash("sleep 0.3; sleep 0.3; echo $SECONDS");
    expect(Number(stdout)).toBeGreaterThanOrEqual(20);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
