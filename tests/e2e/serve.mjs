import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/** The mount that a path belongs to: the longest that contains it. */
function mountOf(mounts, path) {
  return mounts.find(({ at }) => path === at || path.startsWith(at.endsWith("/") ? at : `${at}/`));
}

/** The real file behind a request's path, or null where there is none within a mount's folder. */
async function fileOf(mounts, path) {
  if (path.includes("\0") || path.includes("\\")) return null;
  const mount = mountOf(mounts, path);
  if (!mount) return null;
  try {
    const root = await realpath(mount.root);
    let file = await realpath(join(root, path.slice(mount.at.length)));
    if ((await stat(file)).isDirectory()) file = await realpath(join(file, "index.html"));
    // Links are followed first, so that none leads out of the folder.
    return file.startsWith(root + sep) ? file : null;
  } catch {
    return null;
  }
}

/** What a page sends as JSON. */
async function bodyOf(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return JSON.parse(text);
}

/**
 * Serves folders on 127.0.0.1, on a port of the system's choice.
 *
 * @param {string | Record<string, string>} root A folder, or folders by the path they are mounted at.
 * @param {Record<string, string>} [headers] Sent with every answer.
 * @param {(sent: any) => unknown} [take] Takes the JSON that a page posts to /report; what it resolves to is the answer.
 * @returns {Promise<{ origin: string, close(): Promise<void> }>}
 */
export async function serve(root, headers = {}, take) {
  const mounts = Object.entries(typeof root === "string" ? { "/": root } : root)
    .map(([at, folder]) => ({ at: at === "/" ? at : at.replace(/\/+$/, ""), root: resolve(folder) }))
    .sort((a, b) => b.at.length - a.at.length);

  const server = createServer(async (request, response) => {
    const refuse = (status) => response.writeHead(status, { ...headers, "content-type": "text/plain" }).end(String(status));
    if (take && request.method === "POST" && request.url === "/report") {
      try {
        const answer = JSON.stringify((await take(await bodyOf(request))) ?? null);
        return response.writeHead(200, { ...headers, "content-type": TYPES[".json"] }).end(answer);
      } catch {
        return refuse(400);
      }
    }
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
    let path;
    try {
      path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    } catch {
      return refuse(400);
    }
    const file = await fileOf(mounts, path);
    if (!file) return refuse(404);
    response.writeHead(200, {
      "cache-control": "no-store",
      ...headers,
      "content-type": TYPES[extname(file).toLowerCase()] ?? "application/octet-stream",
      "x-content-type-options": "nosniff",
    });
    if (request.method === "HEAD") return response.end();
    createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
  });

  await new Promise((listening, failed) => server.once("error", failed).listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
