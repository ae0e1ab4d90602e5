import { request } from "node:http";
import type { IncomingMessage } from "node:http";

/** An answer to a request with headers of the asker's choice, which fetch does not allow. */
export type AskedAs = { readonly status: number; readonly text: string };

/** Asks a server by another name than its address has, as a web page whose name leads here would. */
export async function askAs(
  url: string,
  headers: Readonly<Record<string, string>>,
  { method = "GET", body = "" }: { readonly method?: string; readonly body?: string } = {},
): Promise<AskedAs> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false });
    asked.once("response", resolve);
    asked.once("error", reject);
    asked.end(body);
  });
  const chunks: string[] = [];
  answer.setEncoding("utf8");
  answer.on("data", (chunk: string) => chunks.push(chunk));
  await new Promise((resolve) => {
    answer.once("end", resolve);
  });
  return { status: answer.statusCode ?? 0, text: chunks.join("") };
}
