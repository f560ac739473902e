import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "./",
  resolve: { alias: { "agent-datastore": here("../pkg/web/agent_datastore.js") } },
  // The package lies beside this folder, and pre-bundling would part it from its .wasm file.
  server: { host: "127.0.0.1", fs: { allow: [here("."), here("../pkg")] } },
  optimizeDeps: { exclude: ["agent-datastore"] },
  preview: { host: "127.0.0.1" },
  build: {
    target: "es2022",
    // The page's policy admits no data: script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [here("index.html"), here("chat/index.html"), here("snapshots/index.html"), here("sessions/index.html"), here("bench/index.html")] },
  },
});
