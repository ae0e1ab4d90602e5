import { createHash } from "node:crypto";
import type { Hono } from "hono";
import type { RequestEnvironment } from "../requests/context.ts";
import { COPY_SCRIPT } from "./copy-script.ts";
import { FORM_SCRIPT } from "./form-script.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { LAYOUT_STYLE } from "./style/layout.ts";
import { PARTS_STYLE } from "./style/parts.ts";

/** How long a browser keeps what has its hash in its name: a year. */
const KEEP_SECONDS = 31_536_000;

type Asset = { readonly path: string; readonly type: string; readonly text: string };

function asset(name: string, ending: string, about: Omit<Asset, "path">): Asset {
  const hash = createHash("sha256").update(about.text).digest("base64url").slice(0, 12);
  return { path: `/assets/${name}.${hash}.${ending}`, ...about };
}

/** The one stylesheet. */
export const STYLESHEET = asset("style", "css", {
  type: "text/css; charset=utf-8",
  text: `${LAYOUT_STYLE}${PARTS_STYLE}`.replaceAll(/\n\s+/g, "\n"),
});

/** The picture in a browser's tab: a hull on its way down. */
export const ICON = asset("icon", "svg", {
  type: "image/svg+xml",
  text: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0b57c2" d="M1 6h14l-3 5H4z"/><path fill="#8a919e" d="M1 15 15 12v2l-9 2H1z"/></svg>',
});

/** The one script, without which every page works too. */
export const SCRIPT = asset("page", "js", {
  type: "text/javascript; charset=utf-8",
  text: `${LIVE_SCRIPT}${COPY_SCRIPT}${FORM_SCRIPT}`,
});

/** Serves what pages refer to. A name has a hash of what it names, so it may be kept for long. */
export function addAssets(app: Hono<RequestEnvironment>): void {
  for (const { path, type, text } of [STYLESHEET, ICON, SCRIPT]) {
    app.get(path, (context) =>
      context.body(text, 200, {
        "content-type": type,
        "cache-control": `public, max-age=${KEEP_SECONDS}, immutable`,
      }),
    );
  }
}
