// Development servers of the JavaScript world in front of a target: `node javascript_hop.js NAME PORT UPSTREAM`.
// It is copied to where their packages are installed, since Node looks for packages beside the file.

import compression from "compression";
import express from "express";
import { createProxyMiddleware } from "http-proxy-middleware";
import { createServer } from "vite";

const [name, port, upstream] = process.argv.slice(2);
const target = `http://127.0.0.1:${upstream}`;

/** Express with a proxy in it, as many a development server has; `compressed`: with its usual compression. */
function throughExpress(compressed) {
  const app = express();
  const proxy = createProxyMiddleware({ target, ws: true });
  if (compressed) app.use(compression());
  app.use(proxy);
  app.listen(Number(port), "127.0.0.1").on("upgrade", proxy.upgrade);
}

async function throughVite() {
  const server = await createServer({
    configFile: false,
    root: import.meta.dirname,
    logLevel: "error",
    optimizeDeps: { noDiscovery: true },
    server: { port: Number(port), host: "127.0.0.1", hmr: false, watch: null, proxy: { "/probe": { target, ws: true } } },
  });
  await server.listen();
}

if (name === "vite") await throughVite();
else throughExpress(name === "express-compressed");
