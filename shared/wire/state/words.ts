import { z } from "zod";

import {
  asImageId,
  asPromotionId,
  asReleaseId,
  digest,
  environmentId,
  holdId,
  isDigest,
  serviceId,
  specRevision,
} from "../../domain/ids.ts";
import type { Principal } from "../../domain/policy.ts";
import { duration, instant } from "../../domain/time.ts";
import { exactly } from "../exactly.ts";

/**
 * How far from the epoch a moment can be and still be written as a date, in milliseconds.
 * Source: https://tc39.es/ecma262/#sec-time-values-and-time-range
 */
const INSTANT_MAX = 8.64e15;

/** A moment, as milliseconds since the epoch. */
export const InstantValue = z.number().min(-INSTANT_MAX).max(INSTANT_MAX).transform(instant);
/** A length of time in milliseconds. */
export const DurationValue = z.number().nonnegative().transform(duration);

/** A service's id. */
export const ServiceIdValue = z.string().min(1).transform(serviceId);
/** An environment's id. */
export const EnvironmentIdValue = z.string().min(1).transform(environmentId);
/** A release's id. */
export const ReleaseIdValue = z.string().min(1).transform(asReleaseId);
/** An image's id. */
export const ImageIdValue = z.string().min(1).transform(asImageId);
/** A promotion's id. */
export const PromotionIdValue = z.string().min(1).transform(asPromotionId);
/** A hold's id. */
export const HoldIdValue = z.string().min(1).transform(holdId);
/** A revision of a specification. */
export const SpecRevisionValue = z.string().min(1).transform(specRevision);
/** A complete digest. */
export const DigestValue = z.string().refine(isDigest).transform(digest);

/** Who: a kind and an address. */
export const PrincipalValue = exactly<Principal>()(
  z.templateLiteral([z.enum(["user", "group", "serviceAccount", "domain"]), ":", z.string()]),
);

/** A list that nobody changes. */
export function list<Item extends z.ZodType>(item: Item): z.ZodReadonly<z.ZodArray<Item>> {
  return z.array(item).readonly();
}
