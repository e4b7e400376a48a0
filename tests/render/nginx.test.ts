import { nginxConfig } from "../../components/render/nginx";
import { testGoldens } from "../support/golden";
import { hosts } from "../support/stackFile";

const oneServer = nginxConfig({ port: 6443 }, hosts("cp", 1, 20));
const threeServers = nginxConfig({ port: 8443 }, hosts("cp", 3, 20));

testGoldens("nginx", {
  "one-server.conf": () => oneServer,
  "three-servers.conf": () => threeServers,
});

it("listens on the balancer's port and dials the API servers' own", () => {
  expect(threeServers).toContain("    listen 8443 ");
  expect(threeServers.match(/^ +server [\d.:]+ /gm)?.map((line) => line.trim())).toEqual([
    "server 192.168.1.21:6443",
    "server 192.168.1.22:6443",
    "server 192.168.1.23:6443",
  ]);
});

it("gives up soon on a server that is silent, asks another, and forgets none for long", () => {
  expect(threeServers).toContain("proxy_connect_timeout 500ms;");
  expect(threeServers).toContain("proxy_next_upstream on;");
  expect(threeServers.match(/max_fails=1 fail_timeout=3s/g)).toHaveLength(3);
});

it("is nothing but the stream module's: no web server listens", () => {
  expect(threeServers.match(/^\w+ \{/gm)).toEqual(["events {", "stream {"]);
});
