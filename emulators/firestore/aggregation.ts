import { googleError } from "../kit/google-error.ts";
import { type Document, documentValue } from "./documents.ts";
import { parseFieldPath } from "./field-path.ts";
import type { FieldReference } from "./query-request.ts";
import { type Fields, NULL, numberOf, toDoubleValue, type Value } from "./value.ts";

/**
 * One figure over the results of a query.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/StructuredAggregationQuery
 */
export type Aggregation = {
  readonly alias?: string;
  readonly count?: { readonly upTo?: string | number };
  readonly sum?: { readonly field?: FieldReference };
  readonly avg?: { readonly field?: FieldReference };
};

/** The most aggregations in one query; the source is that of `Aggregation`. */
const AGGREGATIONS_MAX = 5;

const INTEGER_MAX = 2n ** 63n - 1n;

/**
 * Works out the figures, by alias. Only documents that have every field that is summed or averaged
 * count, and among their values only the numbers.
 * Source: https://firebase.google.com/docs/firestore/query-data/aggregation-queries
 * @throws GoogleError INVALID_ARGUMENT for none, too many, or one alias twice.
 */
export function aggregate(
  documents: readonly Document[],
  aggregations: readonly Aggregation[],
): Fields {
  if (aggregations.length === 0) {
    throw googleError("INVALID_ARGUMENT", "Aggregations can not be empty.");
  }
  if (aggregations.length > AGGREGATIONS_MAX) {
    throw googleError(
      "INVALID_ARGUMENT",
      `At most ${AGGREGATIONS_MAX} aggregations are allowed per query.`,
    );
  }
  const paths = aggregations.flatMap(fieldPaths).map(parseFieldPath);
  const counted = documents.filter((document) =>
    paths.every((path) => documentValue(document, path) !== undefined),
  );
  const entries = withAliases(aggregations).map(
    ([alias, aggregation]) => [alias, figure(counted, aggregation)] as const,
  );
  return Object.fromEntries(entries);
}

function fieldPaths({ sum, avg }: Aggregation): readonly string[] {
  const field = (sum ?? avg)?.field;
  return field === undefined ? [] : [field.fieldPath ?? ""];
}

function withAliases(
  aggregations: readonly Aggregation[],
): readonly (readonly [string, Aggregation])[] {
  const used = new Set<string>();
  let unnamed = 0;
  return aggregations.map((aggregation) => {
    let { alias = "" } = aggregation;
    if (alias === "") {
      unnamed += 1;
      alias = `field_${unnamed}`;
    }
    if (used.has(alias)) {
      throw googleError("INVALID_ARGUMENT", `Duplicate aggregation alias "${alias}".`);
    }
    used.add(alias);
    return [alias, aggregation] as const;
  });
}

function figure(documents: readonly Document[], aggregation: Aggregation): Value {
  const { count, sum, avg } = aggregation;
  if (count !== undefined) {
    return { integerValue: String(countUpTo(documents.length, count.upTo)) };
  }
  const field = (sum ?? avg)?.field;
  if (field === undefined) {
    throw googleError("INVALID_ARGUMENT", "An aggregation must be a count, a sum or an average.");
  }
  const path = parseFieldPath(field.fieldPath ?? "");
  const numbers = documents
    .map((document) => numberOf(documentValue(document, path) ?? NULL))
    .filter((number) => number !== undefined);
  return sum === undefined ? average(numbers) : total(numbers);
}

function countUpTo(count: number, upTo: string | number | undefined): number {
  const most = upTo === undefined ? count : Number(upTo);
  if (most <= 0 && upTo !== undefined) {
    throw googleError("INVALID_ARGUMENT", "up_to must be greater than zero.");
  }
  return Math.min(count, most);
}

/** Integers make an integer unless it overflows; one double makes a double. */
function total(numbers: readonly (bigint | number)[]): Value {
  let integers = 0n;
  let doubles = 0;
  let isDouble = false;
  for (const number of numbers) {
    if (typeof number === "bigint") {
      integers += number;
    } else {
      doubles += number;
      isDouble = true;
    }
  }
  const overflows = integers > INTEGER_MAX || integers < -INTEGER_MAX - 1n;
  return isDouble || overflows
    ? toDoubleValue(Number(integers) + doubles)
    : { integerValue: String(integers) };
}

function average(numbers: readonly (bigint | number)[]): Value {
  const sum = numbers.reduce<number>((before, number) => before + Number(number), 0);
  return numbers.length === 0 ? NULL : toDoubleValue(sum / numbers.length);
}
