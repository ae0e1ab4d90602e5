import { html } from "hono/html";

/** A piece of a page. Every value that is put into one is escaped. */
export type Html = ReturnType<typeof html>;

/** A page runs its own script alone, and asks nothing of anybody else. */
export const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

/** A style or a script of a page. */
export function asset(text: string, type: "css" | "javascript"): Response {
  const headers = { ...PAGE_HEADERS, "content-type": `text/${type}; charset=utf-8` };
  return new Response(text, { headers });
}

/** A whole page around what it shows. Its style is at `/page/style.css`; `head` is what its head has beside that. */
export function wholePage(title: string, body: unknown, head: unknown = ""): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/page/style.css" />
        ${head}
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}

/** A page with a heading and a part below it, and no script. */
export function barePage(title: string, body: unknown): Html {
  return wholePage(
    title,
    html`<main>
      <h1>${title}</h1>
      ${body}
    </main>`,
  );
}
