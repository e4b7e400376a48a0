import { execFileSync } from "node:child_process";

import { balancerCheckFile } from "../../components/render/balancerCheck";
import { haproxyCaFile } from "../../components/render/haproxy";
import { golden, goldenNames } from "../support/golden";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
beforeAll(() => {
  machine = new Sandbox();
  const users = ["root:x:0:0:", "haproxy:x:99:99:", "www-data:x:33:33:"];
  machine.write("/etc/passwd", users.map((user) => `${user}:/:/bin/false\n`).join(""));
  machine.write("/etc/group", "root:x:0:\nhaproxy:x:99:\nwww-data:x:33:\n");
  machine.write(haproxyCaFile, certificate());
  machine.write("/var/log/nginx/error.log", "");
  machine.write("/var/lib/nginx/empty", "");
  machine.write(
    "/etc/nginx/modules-enabled/50-mod-stream.conf",
    "load_module modules/ngx_stream_module.so;\n",
  );
  machine.write(balancerCheckFile.replace("/usr/local", "/.usr-local"), "#!/bin/bash\n", 0o755);
});
afterAll(() => machine.remove());

/** How each judges a file. keepalived wants to see the interface, and ends itself by a signal when it likes the file. */
const judges: Readonly<Record<string, (file: string) => Outcome>> = {
  haproxy: (file) => machine.run(["haproxy", "-c", "-f", file], ""),
  nginx: (file) => machine.run(["nginx", "-t", "-q", "-c", file], ""),
  keepalived: (file) => {
    const look = `keepalived --config-test --use-file ${file} && exit; (($? == 143))`;
    return machine.run(["bash", "-c", `ip link add eth0 type veth && { ${look}; } 2>&1`], "");
  },
};

function judge(program: string, text: string): Outcome {
  // In the sandbox there is no user but root.
  const there = text.replaceAll("@INTERFACE@", "eth0").replace("nobody nogroup", "root root");
  machine.write("/judged.conf", there);
  const { code, stdout, stderr } = judges[program]?.("/judged.conf") ?? machine.run(["false"], "");
  // What HAProxy says of a file that it takes, and bash of the signal.
  const usual = /^(Configuration file is valid|.* Terminated .*)\n/m;
  return { code, stdout: stdout.replace(usual, ""), stderr };
}

describe.each(Object.keys(judges))("%s itself", (program) => {
  it.each(goldenNames(program))("takes %s without a word", (name) => {
    expect(judge(program, golden(program, name))).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

it.each([
  ["haproxy", "three-servers.cfg", "http-check expect", "http-check expct"],
  ["nginx", "three-servers.conf", "proxy_connect_timeout", "proxy_conect_timeout"],
  ["keepalived", "first-of-two.conf", "nopreempt", "noprempt"],
])("%s refuses a word that is wrong", (program, name, right, wrong) => {
  const { stdout, stderr } = judge(program, golden(program, name).replace(right, wrong));
  expect(stdout + stderr).toContain(wrong.split(" ").at(-1));
});

/** A certificate for HAProxy to read. */
function certificate(): string {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kubernetes -keyout /dev/null";
  return execFileSync("openssl", args.split(" "), { encoding: "utf8", stdio: "pipe" });
}
