import { z } from "zod";
import { type Opened, post, ROOT } from "./firestore-bench.ts";

/** Calls by REST, for what the official client does by itself or not at all. */
export type Raw = {
  /** Begins a transaction and gives its id. */
  readonly begin: (options?: object) => Promise<string>;
  /** Reads documents by their paths, in a transaction unless it is empty. */
  readonly read: (transaction: string, ...paths: readonly string[]) => Promise<Answer>;
  readonly query: (transaction: string, structuredQuery: object) => Promise<Answer>;
  /** Sets a number in each of some documents. */
  readonly commit: (transaction: string, ...paths: readonly string[]) => Promise<Answer>;
  readonly rollback: (transaction: string) => Promise<Answer>;
};

/** A status of google.rpc.Code by name, or OK; and what was said. */
export type Answer = { readonly status: string; readonly message: string };

const Begun = z.object({ transaction: z.string() });
const Refused = z.object({ error: z.object({ status: z.string(), message: z.string() }) });

/** Opens raw calls on an emulator. */
export function openRaw(opened: Pick<Opened, "grpcAddress">): Raw {
  async function call(method: string, body: object): Promise<Answer> {
    return toAnswer((await post(opened, `${ROOT}:${method}`, body)).body);
  }
  return {
    begin: async (options = { readWrite: {} }) => {
      const { body } = await post(opened, `${ROOT}:beginTransaction`, { options });
      return Begun.parse(body).transaction;
    },
    read: (transaction, ...paths) =>
      call("batchGet", { ...within(transaction), documents: paths.map(toName) }),
    query: (transaction, structuredQuery) =>
      call("runQuery", { ...within(transaction), structuredQuery }),
    commit: (transaction, ...paths) =>
      call("commit", { ...within(transaction), writes: paths.map((path) => toWrite(path)) }),
    rollback: (transaction) => call("rollback", { transaction }),
  };
}

function within(transaction: string): object {
  return transaction === "" ? {} : { transaction };
}

function toWrite(path: string): object {
  const fields = { color: { stringValue: "red" }, n: { integerValue: "1" } };
  return { update: { name: toName(path), fields } };
}

function toName(path: string): string {
  return `${ROOT}/${path}`;
}

function toAnswer(body: unknown): Answer {
  const refused = Refused.safeParse(body);
  return refused.success ? refused.data.error : { status: "OK", message: "" };
}
