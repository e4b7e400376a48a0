/** Where nginx says on a balancer host's loopback that it lives; its configuration is components/render/nginx.ts. */
export const nginxHealthPort = 8405;
