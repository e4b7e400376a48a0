import { Sandbox } from "../support/sandbox";

let machine: Sandbox;
beforeEach(() => {
  machine = new Sandbox();
});
afterEach(() => machine.remove());

describe("run_step", () => {
  const step = (text: string): string => `HOST_NAME=cp1\nmain() {\n${text}\n}\nrun_step test`;

  it("runs main, and keeps its log", () => {
    expect(machine.bash(step("echo out; note working"))).toEqual({
      code: 0,
      stdout: "out\n",
      stderr: "",
    });
    expect(machine.read("/var/log/kubeadm-ha/test.log")).toMatch(
      /^\d\d:\d\d:\d\d begin\n\d\d:\d\d:\d\d working\n\d\d:\d\d:\d\d end\n$/,
    );
    expect(machine.mode("/var/log/kubeadm-ha")).toBe("700");
  });

  it("gives main no standard input: it may hold the rest of the program", () => {
    const { stdout } = machine.bash(step("cat; echo done"));
    expect(stdout).toBe("done\n");
  });

  it("tells a command that nobody expected to fail: host, step, place, where to look", () => {
    const { code, stdout, stderr } = machine.bash(
      step("look() { ls /nothing $1 >/dev/null 2>&1; }\nTOKEN=secret\nlook $TOKEN\necho on"),
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^cp1: test: failed at line \d+: ls \/nothing \$1 >[^\n]* \(look main run_step[^)]*\)\n {2}what to do: see \/var\/log\/kubeadm-ha\/test\.log and journalctl[^\n]*\n$/,
    );
    expect(stderr).not.toContain("secret");
  });

  it("ends where a parameter is missing, before anything is done", () => {
    const { code, stderr } = machine.bash(`: "\${HOST_NAME:?}"\n${step("echo on")}`);
    expect(code).not.toBe(0);
    expect(stderr).toContain("HOST_NAME");
  });

  it("lets two steps work one after the other", () => {
    const slow = "echo begin $1 >>/tmp/order; /usr/bin/sleep 0.3; echo end $1 >>/tmp/order";
    const both = `run() { ( main() { ${slow.replaceAll("$1", "'$1'")}; }; run_step "$1" ); }
      run a & run b & wait`;
    expect(machine.bash(both.replaceAll("'$1'", '"$STEP"'))).toMatchObject({ code: 0 });
    const order = (machine.read("/tmp/order") ?? "").trim().split("\n");
    expect(order.map((line) => line.split(" ")[0])).toEqual(["begin", "end", "begin", "end"]);
  });

  it("ends with a word when it is told to", () => {
    expect(machine.bash(step("kill -TERM $$; /usr/bin/sleep 1"))).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "cp1: test: stopped: it took longer than its time limit, or was asked to end\n  what to do: see /var/log/kubeadm-ha/test.log and journalctl -t kubeadm-ha on the host, then run Pulumi again\n",
    });
  });

  it("takes over from a step whose connection was lost, where that is asked for", () => {
    const text = `
      mkdir -p /run/kubeadm-ha
      setsid bash -c 'exec 9>>/run/kubeadm-ha/lock; flock 9; echo $$ >/run/kubeadm-ha/lock; touch /tmp/held; exec /usr/bin/sleep 50' 9>&- &
      until [[ -e /tmp/held ]]; do /usr/bin/sleep 0.02; done
      HOST_NAME=cp1 ROLE=worker CLUSTER_ID=c1 LOGIN_USER=admin
      source /usr/local/lib/kubeadm-ha/teardown.sh
      ${step("echo mine")}`;
    expect(machine.bash(text)).toMatchObject({ code: 0, stdout: "mine\n" });
    expect(machine.read("/var/log/kubeadm-ha/test.log")).toContain("ending the step of process");
  });
});

describe("die", () => {
  it("names the host and the step, says what to do, and ends", () => {
    expect(machine.bash('HOST_NAME=w1 STEP=join; die "no luck" "try again"; echo on')).toEqual({
      code: 1,
      stdout: "",
      stderr: "w1: join: no luck\n  what to do: try again\n",
    });
  });

  it("leads to what was written down, where it has no advice of its own", () => {
    expect(machine.bash('HOST_NAME=w1 STEP=join; die "no luck"').stderr).toBe(
      "w1: join: no luck\n  what to do: see /var/log/kubeadm-ha/join.log and journalctl -t kubeadm-ha on the host, then run Pulumi again\n",
    );
  });
});

describe("a full file system", () => {
  const fail = 'HOST_NAME=w1 STEP=join; die "no luck" "try again"';
  /** What df says of file systems: where they are mounted, KiB free, inodes, inodes free. */
  const disks = (...lines: readonly string[]): void =>
    machine.stub("df", `printf '%s\\n' 'Mounted Avail Inodes IFree' ${lines.join(" ")}`);

  it("is told before anything else that one might do", () => {
    disks("'/ 80000 900 90'", "'/var 0 900 90'", "'/var 0 900 90'", "'/run 900 0 0'");
    expect(machine.bash(fail).stderr).toBe(
      `w1: join: no luck
  no space left on device: /var (0 KiB free), /run (900 KiB free)
  what to do: make room there, then run Pulumi again. If that was not the reason: try again
`,
    );
  });

  it("may be one without inodes, and one that counts none is not", () => {
    disks("'/ 80000 0 0'", "'/var/lib/etcd 80000 900 0'");
    expect(machine.bash(fail).stderr).toContain(
      "\n  no space left on device: /var/lib/etcd (no inodes free)\n",
    );
  });

  it("is not told where there is room, nor where nobody can say", () => {
    const usual = "w1: join: no luck\n  what to do: try again\n";
    disks("'/ 80000 900 90'");
    expect(machine.bash(fail).stderr).toBe(usual);
    machine.stub("df", "echo 'df: no such thing' >&2; exit 1");
    expect(machine.bash(fail).stderr).toBe(usual);
  });

  it("is looked for where steps and their programs write", () => {
    disks();
    machine.bash(fail);
    expect(machine.calls("df")).toEqual([
      "df -k --output=target,avail,itotal,iavail / /run /tmp /var /var/log /var/log/kubeadm-ha" +
        " /var/lib/kubeadm-ha /var/lib/kubelet /var/lib/containerd /var/lib/etcd",
    ]);
  });

  it("is told although some of these folders are not there", () => {
    disks("'/var 0 900 90'; echo 'df: /var/lib/etcd: No such file or directory' >&2; exit 1; true");
    expect(machine.bash(fail).stderr).toContain("\n  no space left on device: /var (0 KiB free)\n");
  });
});

describe("quiet", () => {
  const begin = "HOST_NAME=w1 STEP=test LOG=/tmp/log; : >$LOG\n";

  it("keeps output in the log", () => {
    expect(machine.bash(`${begin}quiet echo hello`)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(machine.read("/tmp/log")).toBe("hello\n");
  });

  it("shows the end of the output of what fails, and only of that", () => {
    const text = `${begin}quiet echo earlier\nquiet bash -c 'for i in {1..30}; do echo "line $i"; done; exit 3'`;
    const { code, stderr } = machine.bash(text);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^w1: test: `bash -c .*` failed:\n/s);
    expect(stderr).toContain("    line 16\n");
    expect(stderr).toContain("    line 30\n");
    expect(stderr).not.toMatch(/line 15\n|earlier/);
    expect(stderr).toContain("what to do: the whole output is in /tmp/log on the host");
  });

  it("never shows a line of more than 400 characters: the plugin hangs on long ones", () => {
    const { stderr } = machine.bash(`${begin}quiet bash -c 'printf "%070000d\\n" 1; exit 1'`);
    for (const line of stderr.split("\n")) expect(line.length).toBeLessThan(500);
  });
});

describe("must", () => {
  const begin = "HOST_NAME=w1 STEP=test LOG=/tmp/log; : >$LOG\n";

  it("says in its caller's words what failed and what to do, with the output in between", () => {
    const text = `${begin}must "no package" "see the source" bash -c 'echo why; exit 1'`;
    expect(machine.bash(text)).toEqual({
      code: 1,
      stdout: "",
      stderr: `w1: test: no package:
    why
  what to do: see the source; the whole output is in /tmp/log on the host
`,
    });
  });

  it("shows no colours of what failed", () => {
    const text = `${begin}must "no" "" bash -c 'printf "\\033[32mdone\\033[0m\\n"; exit 1'`;
    expect(machine.bash(text).stderr).toContain("w1: test: no:\n    done\n");
  });

  it("leads to the runbook where etcd has no space left", () => {
    const text = `${begin}quiet bash -c 'echo "Error from server: etcdserver: mvcc: database space exceeded"; exit 1'`;
    expect(machine.bash(text).stderr).toMatch(
      /space exceeded\n {2}what to do: etcd is out of space \(alarm NOSPACE\): follow "No space left" in docs\/operations\.md /,
    );
  });
});

describe("wait_until", () => {
  const begin = "LOG=/dev/null STEP=test\n";

  it("asks again until the answer is yes", () => {
    const text = `${begin}third() { echo x >>/tmp/asked; [[ $(wc -l </tmp/asked) -ge 3 ]]; }
      wait_until 60 something third && echo yes`;
    expect(machine.bash(text)).toMatchObject({ code: 0, stdout: "yes\n" });
    expect(machine.read("/tmp/asked")).toBe("x\nx\nx\n");
  });

  it("gives up after its time", () => {
    expect(
      machine.bash(`${begin}wait_until 60 something false || echo "no after $SECONDS"`).stdout,
    ).toMatch(/^no after (6\d|7\d)\n$/);
  });
});

describe("write_file", () => {
  const write = (text: string, path = "/tmp/new/file"): string =>
    `STEP=test LOG=/dev/null; write_file ${path} 0600 <<<'${text}' && echo changed || echo same`;

  it("makes a file whole, with its mode and its folders", () => {
    expect(machine.bash(write("text")).stdout).toBe("changed\n");
    expect([machine.read("/tmp/new/file"), machine.mode("/tmp/new/file")]).toEqual([
      "text\n",
      "600",
    ]);
    expect(machine.list("/tmp/new")).toEqual(["file"]);
  });

  it("leaves the same text alone, but for its mode", () => {
    machine.write("/tmp/new/file", "text\n", 0o644);
    expect(machine.bash(write("text")).stdout).toBe("same\n");
    expect(machine.mode("/tmp/new/file")).toBe("600");
    expect(machine.bash(write("other")).stdout).toBe("changed\n");
    expect(machine.list("/tmp/new")).toEqual(["file"]);
  });

  it("ends the step where it cannot write", () => {
    const { code, stderr } = machine.bash(`HOST_NAME=w1 ${write("text", "/usr/share/nothing")}`);
    expect(code).toBe(1);
    expect(stderr).toContain("w1: test: cannot write /usr/share/nothing\n");
  });

  it.each(["chmod", "sync", "mv"])(
    "leaves nothing half-written, which might be a secret: %s",
    (name) => {
      machine.stub(name, "exit 1");
      const { code, stderr } = machine.bash(`HOST_NAME=w1 ${write("text")}`);
      expect(code).toBe(1);
      expect(stderr).toContain("w1: test: cannot write /tmp/new/file\n");
      expect(machine.list("/tmp/new")).toEqual([]);
    },
  );

  it("has a new text on the disk, and the command it was given has run, before the old one is gone", () => {
    machine.write("/tmp/new/file", "text\n");
    machine.stub("sync", "exec /usr/bin/sync $*");
    const text =
      'LOG=/dev/null; write_file /tmp/new/file 0600 cp /tmp/new/file /tmp/old <<<"$1" || true';
    machine.bash(text.replace("$1", "text"));
    expect([machine.calls("sync"), machine.has("/tmp/old")]).toEqual([[], false]);
    machine.bash(text.replace("$1", "other"));
    expect(machine.calls("sync")).toEqual([expect.stringMatching(/^sync \/tmp\/new\/file\./)]);
    expect([machine.read("/tmp/old"), machine.read("/tmp/new/file")]).toEqual([
      "text\n",
      "other\n",
    ]);
  });

  it("writes a value with one line break at its end", () => {
    machine.bash("put /tmp/one 0644 $'a\\nb\\n'; put /tmp/two 0644 'a'");
    expect([machine.read("/tmp/one"), machine.read("/tmp/two")]).toEqual(["a\nb\n", "a\n"]);
  });
});

it("owner tells what the marker says, and nothing without one", () => {
  expect(machine.bash("owner")).toMatchObject({ code: 0, stdout: "" });
  machine.write("/var/lib/kubeadm-ha/marker", "cluster=c1\nname=w1\nrole=worker\n");
  expect(machine.bash("owner").stdout).toBe("c1 w1 worker\n");
});

it("tcp_open tells whether something listens", () => {
  machine.listen("127.0.0.1", 6443);
  const text =
    "source $LIBRARY/ports.sh; for p in 6443 6444; do tcp_open 127.0.0.1 $p && echo open || echo closed; done";
  expect(machine.bash(text).stdout).toBe("open\nclosed\n");
});

describe("patiently", () => {
  const begin = "LOG=/tmp/log STEP=test; source $LIBRARY/node.sh\n";
  /** Fails with some words the first times that it is asked, and then prints its input. */
  const ask = (words: string, times: number): string =>
    `ask() { echo x >>/tmp/asked; (($(wc -l </tmp/asked) > ${times})) || { echo '${words}' >&2; return 7; }; cat; }\n`;
  const asked = (): number => machine.read("/tmp/asked")?.length ?? 0;

  it.each([
    'Error from server (Forbidden): nodes "w1" is forbidden: RBAC: clusterrole "y" not found',
    "error: You must be logged in to the server (Unauthorized)",
    "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
    "Error from server (ServiceUnavailable): the server is currently unable to handle the request",
    "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
    "Unable to connect to the server: unexpected EOF",
    "Unable to connect to the server: net/http: TLS handshake timeout",
  ])("asks again, with the same input, while it is told: %s", (words) => {
    const text = `${begin}${ask(words, 1)}patiently ask - <<<'a text'`;
    expect(machine.bash(text)).toEqual({ code: 0, stdout: "a text\n", stderr: "" });
    expect(asked()).toBe(4);
    expect(machine.read("/tmp/log")).toMatch(/ waited 1\d s for an API server\n$/);
  });

  it("fails at once, with its words, where asking again is of no use", () => {
    const words = 'Error from server (NotFound): nodes "w1" not found';
    const text = `${begin}${ask(words, 1)}patiently ask || echo "no $?"`;
    expect(machine.bash(text)).toEqual({ code: 0, stdout: "no 1\n", stderr: `${words}\n` });
    expect(asked()).toBe(2);
  });

  it("gives up after 20 s", () => {
    const words = "Error from server (Forbidden): no";
    const text = `${begin}${ask(words, 99)}patiently ask || echo no`;
    expect(machine.bash(text)).toEqual({ code: 0, stdout: "no\n", stderr: `${words}\n` });
    // A pause counts as ten seconds here: at 0, 10 and 20, and what little the machine itself took.
    expect(asked()).toBe(6);
  });

  it("passes on what a success says beside its answer", () => {
    const text = `${begin}ask() { echo a warning >&2; echo an answer; }; patiently ask`;
    expect(machine.bash(text)).toEqual({ code: 0, stdout: "an answer\n", stderr: "a warning\n" });
  });
});
