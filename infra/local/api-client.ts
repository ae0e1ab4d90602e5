import type { z } from "zod";
import {
  AuditList,
  ErrorBody,
  PromotionView,
  ServiceView,
  TimelineList,
} from "../../shared/wire/api/schemas.ts";

/** The calls of the API that the local cloud makes on its own account. */
export type LocalApi = {
  readonly service: (id: string) => Promise<z.infer<typeof ServiceView>>;
  readonly promote: (
    service: string,
    environment: string,
    reason: string,
  ) => Promise<z.infer<typeof PromotionView>>;
  /** Approves a promotion; null when that was taken, else why it was refused. */
  readonly approve: (promotion: string, comment: string) => Promise<string | null>;
  readonly promotion: (id: string) => Promise<z.infer<typeof PromotionView>>;
  readonly timeline: (service: string) => Promise<z.infer<typeof TimelineList>>;
  readonly records: (service: string, after: number) => Promise<z.infer<typeof AuditList>>;
};

const RETRY_AFTER_MS = 200;
const TRIES_MAX = 150;
const BUSY = 503;
const FORBIDDEN = 403;

/**
 * A client of the API with one person's token. While the functions start again, it repeats a call for half a
 * minute. Every call here may be repeated.
 */
export function localApi(api: string, token: string): LocalApi {
  async function request(path: string, body?: object): Promise<Response> {
    return fetchPatiently(`${api}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
  async function call<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    body?: object,
  ): Promise<z.output<Schema>> {
    const response = await request(path, body);
    const answer: unknown = await response.json();
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    }
    return schema.parse(answer);
  }
  return {
    service: async (id) => call(ServiceView, `/v1/services/${id}`),
    promote: async (service, environment, reason) =>
      call(PromotionView, `/v1/services/${service}/environments/${environment}:promote`, {
        reason,
      }),
    approve: async (promotion, comment) => {
      const path = `/v1/promotions/${promotion}:approve`;
      const response = await request(path, { comment });
      const answer: unknown = await response.json();
      if (response.status === FORBIDDEN) {
        return ErrorBody.parse(answer).error.message;
      }
      if (!response.ok) {
        throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
      }
      return null;
    },
    promotion: async (id) => call(PromotionView, `/v1/promotions/${id}`),
    timeline: async (service) => call(TimelineList, `/v1/services/${service}/timeline`),
    records: async (service, after) =>
      call(AuditList, `/v1/audit?service=${service}&after=${after}`),
  };
}

async function fetchPatiently(url: string, request: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, request);
      if (response.status !== BUSY || attempt >= TRIES_MAX) {
        return response;
      }
    } catch (error) {
      if (attempt >= TRIES_MAX) {
        throw error;
      }
    }
    await pause(RETRY_AFTER_MS);
  }
}

/** Waits for so many milliseconds. */
export async function pause(lengthMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, lengthMs);
  });
}
