import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { z } from "zod";
import { onlyLoopback } from "../../emulators/kit/loopback.ts";
import { ServiceList } from "../../shared/wire/api/schemas.ts";

/** The dashboard, serving. */
export type Dashboard = { readonly close: () => Promise<void> };

type Services = z.infer<typeof ServiceList>["services"];
type Environment = Services[number]["environments"][number];

const REFRESH_S = 2;

const STYLE = `
          body {
            font:
              15px/1.5 system-ui,
              sans-serif;
            margin: 2rem auto;
            max-width: 64rem;
            padding: 0 1rem;
            color: #1b1f24;
            background: #fff;
          }
          h1 {
            font-size: 1.5rem;
          }
          h2 {
            font-size: 1.1rem;
            margin-top: 2rem;
          }
          table {
            border-collapse: collapse;
            width: 100%;
          }
          th,
          td {
            text-align: left;
            padding: 0.4rem 0.8rem 0.4rem 0;
            border-bottom: 1px solid #d8dee4;
            vertical-align: top;
          }
          code {
            font:
              13px ui-monospace,
              monospace;
          }
          .quiet {
            color: #59636e;
          }
          @media (prefers-color-scheme: dark) {
            body {
              color: #e6edf3;
              background: #0d1117;
            }
            th,
            td {
              border-color: #30363d;
            }
            .quiet {
              color: #9198a1;
            }
          }
`;

/** Serves a plain page that shows every service and what is where, read from the API as a viewer. */
export async function startDashboard(options: {
  readonly port: number;
  readonly api: string;
  readonly token: () => Promise<string>;
}): Promise<Dashboard> {
  const app = new Hono();
  app.get("/", async (context) => {
    const response = await fetch(`${options.api}/v1/services`, {
      headers: { authorization: `Bearer ${await options.token()}` },
    });
    const body: unknown = await response.json();
    const parsed = ServiceList.safeParse(body);
    return context.html(page(parsed.success ? parsed.data.services : []));
  });
  app.onError((error, context) =>
    context.text(`the API does not answer yet: ${error.message}\n`, 503, { refresh: "1" }),
  );
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(onlyLoopback((request, response) => void answer(request, response)));
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  return {
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

type Html = ReturnType<typeof html>;

function page(services: Services): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="refresh" content="${REFRESH_S}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Slipway</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>Slipway</h1>
        ${services.length === 0 ? html`<p>No service yet. Apply one: <code>npx slipway apply DIRECTORY</code></p>` : services.map(section)}
      </body>
    </html>`;
}

function section(service: Services[number]): Html {
  return html`<h2>${service.name} <span class="quiet">${service.id}</span></h2>
    <p class="quiet"><code>${service.image}</code></p>
    <table>
      <tr>
        <th>Environment</th>
        <th>Runs</th>
        <th>Since</th>
        <th>Promotion</th>
        <th>Holds</th>
      </tr>
      ${service.environments.map(row)}
    </table>`;
}

function row(environment: Environment): Html {
  const { current, promotion, holds } = environment;
  return html`<tr>
    <td>${environment.id} <span class="quiet">${environment.category}</span></td>
    <td>
      ${current === null ? html`<span class="quiet">nothing yet</span>` : html`<code>${current.tag ?? current.release}</code>`}
    </td>
    <td>${current === null ? "" : html`<time>${current.deployTime}</time>`}</td>
    <td>${promotion === null ? "" : promotionText(promotion)}</td>
    <td>${holds.map(({ by, reason }) => html`<div>${by}: ${reason}</div>`)}</td>
  </tr>`;
}

function promotionText(promotion: NonNullable<Environment["promotion"]>): Html {
  const step = promotion.steps.find(({ state }) => state === "RUNNING");
  return html`${promotion.state} <code>${promotion.release}</code>
    <div class="quiet">${step?.message ?? step?.name ?? ""}</div>`;
}
